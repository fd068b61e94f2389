// Tables sort and filter. Without this script they are as complete, in the order in which they stand.
"use strict";
for (const box of document.querySelectorAll(".table")) {
  const body = box.querySelector("tbody");
  const rows = [...body.rows];
  const words = new Intl.Collator(document.documentElement.lang, { numeric: true, sensitivity: "base" });

  const heads = [...box.querySelectorAll("thead tr:last-child th")];
  heads.forEach((head, column) => {
    const numeric = head.classList.contains("n");
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    const compare = numeric
      ? (a, b) => Number(a.cells[column].dataset.key) - Number(b.cells[column].dataset.key)
      : (a, b) => words.compare(a.cells[column].textContent, b.cells[column].textContent);
    button.addEventListener("click", () => {
      // Numbers begin with the largest, words with the first; a second click turns it round.
      const order = head.getAttribute("aria-sort");
      const up = order ? order === "descending" : !numeric;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      body.append(...[...rows].sort((a, b) => (up ? compare(a, b) : compare(b, a))));
    });
  });

  if (box.dataset.filter) {
    const label = document.createElement("label");
    const input = document.createElement("input");
    const shown = document.createElement("output");
    label.className = "filter";
    input.type = "search";
    label.append(box.dataset.filter, " ", input, shown);
    box.prepend(label);
    const texts = rows.map((row) => row.textContent.toLocaleLowerCase());
    input.addEventListener("input", () => {
      const wanted = input.value.trim().toLocaleLowerCase();
      let count = 0;
      rows.forEach((row, index) => {
        row.hidden = !texts[index].includes(wanted);
        count += row.hidden ? 0 : 1;
      });
      shown.textContent = wanted && box.dataset.shown.replace("[n]", count).replace("[all]", rows.length);
    });
  }
}
