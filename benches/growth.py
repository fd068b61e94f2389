"""How cost grows: `lapse run` over 1, 3, 10 and 30 million patrons. Started by `just bench-growth`."""

import argparse
import shutil
from pathlib import Path

import bench
import data
import programs
import results

# A cost per million patrons so many times that of the smallest size is no longer called linear.
LINEAR = 1.2
COSTS = {"wall": ("wall s", 1), "cpu": ("processor s", 1), "peak": ("peak MB", 1e6)}


def arguments():
    """What was typed."""
    parser = argparse.ArgumentParser(prog="just bench-growth", description=__doc__)
    parser.add_argument("--millions", default="1,3,10,30", help="millions of patrons, with commas between")
    parser.add_argument("--runs", type=int, default=3, help="medians are of so many [default: 3]")
    parser.add_argument("--orders", default="ordered,shuffled", help="ordered, shuffled or both")
    parser.add_argument("--results", type=Path, default=bench.HERE / "RESULTS.md", help="where the results are kept")
    return parser.parse_args()


def measure(lapse, policies, patrons, orders, runs):
    """The medians over so many patrons, by order. The data goes when it has been measured."""
    program = programs.lapse(lapse, policies, bench.DATE)
    work = bench.WORK / "growth"
    took = {}
    for order in orders:
        folder = bench.folder_of(work, lapse, policies, None, patrons, order, "csv")
        programs.measure(program, folder, work / "out" / "lapse")
        took[order] = programs.medians([program], folder, work / "out", runs)["lapse"]
        print(f"{patrons:,} patrons, {order}: {took[order]}", flush=True)
    shutil.rmtree(work)
    return took


def section(order, took):
    """The results of one order, by millions of patrons."""
    lines = ["| million patrons | wall s | processor s | peak MB | per million: wall s | processor s | peak MB |",
             "|---:|---:|---:|---:|---:|---:|---:|"]
    for millions, run in took.items():
        whole = [run[cost] / unit for cost, (_, unit) in COSTS.items()]
        cells = [f"{value:.2f}" for value in (*whole, *(value / millions for value in whole))]
        lines.append(f"| {millions:g} | {' | '.join(cells)} |")
    return "\n".join([f"### {order}", "", *lines, "", *verdicts(took)])


def verdicts(took):
    """For each cost, up to where it grows in proportion."""
    smallest = min(took)
    for cost, (name, _) in COSTS.items():
        base = took[smallest][cost] / smallest
        steeper = [size for size, run in took.items() if run[cost] / size > LINEAR * base]
        if steeper:
            yield f"- {name}: more than {LINEAR} times as much per million from {min(steeper):g} million on."
        else:
            yield f"- {name}: linear or better throughout."


def main():
    """Measures every size in every order, and keeps the results."""
    args = arguments()
    sizes = sorted(float(size) for size in args.millions.split(","))
    lapse, policies = bench.release("lapse"), bench.make_policies()
    orders = args.orders.split(",")
    took = {size: measure(lapse, policies, int(size * 1e6), orders, args.runs) for size in sizes}
    sections = [section(order, {size: took[size][order] for size in sizes}) for order in orders]
    about = results.machine([results.lapse_version(lapse)])
    how = f"- Medians of {args.runs}, {programs.THREADS} threads, files in memory where they fit, CSV"
    results.keep(args.results, "Cost growth", "\n\n".join([f"{about}\n{how}", *sections]))
    print("\n\n".join(sections))


if __name__ == "__main__":
    main()
