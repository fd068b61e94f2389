//! The thread that starts the processes of plugins. It lives as long as this program: the system ends these processes with
//! the thread that started them, and any other thread may end before.

use std::io;
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

struct Order {
    command: Command,
    started: Sender<io::Result<Child>>,
}

static ORDERS: Mutex<Option<Sender<Order>>> = Mutex::new(None);

/// Starts a process.
pub(crate) fn start(command: Command) -> io::Result<Child> {
    let (started, result) = channel();
    orders()?.send(Order { command, started }).map_err(|_| ended())?;
    result.recv().map_err(|_| ended())?
}

fn orders() -> io::Result<Sender<Order>> {
    let mut orders = ORDERS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(orders) = &*orders {
        return Ok(orders.clone());
    }
    let (sender, receiver) = channel();
    std::thread::Builder::new().name("plugin-starter".into()).spawn(move || follow(&receiver))?;
    Ok(orders.insert(sender).clone())
}

fn follow(orders: &Receiver<Order>) {
    for Order { mut command, started } in orders {
        // Whoever ordered it waits for this.
        let _ = started.send(command.spawn());
    }
}

fn ended() -> io::Error {
    io::Error::other("the thread that starts processes has ended")
}
