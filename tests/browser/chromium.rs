//! A headless Chromium with one page in it, driven over its own protocol. The tests need only a dozen of its calls, so they
//! make them without a generated client, a second language or an event loop.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tungstenite::{Message, WebSocket, client};

/// The options that keep Chromium from asking the servers of its maker for anything.
const QUIET: [&str; 8] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// A browser that ends with its value.
pub struct Browser {
    process: Child,
    _profile: tempfile::TempDir,
    socket: WebSocket<TcpStream>,
    session: Option<String>,
    calls: u64,
    events: Vec<Value>,
}

impl Browser {
    /// Starts the program with an empty page.
    pub fn start(program: &Path) -> Browser {
        let profile = tempfile::tempdir().unwrap();
        let mut process = Command::new(program)
            .args(QUIET)
            .arg("--remote-debugging-port=0")
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .arg("about:blank")
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(process.stderr.take().unwrap()).lines();
        let address = lines
            .find_map(|line| Some(line.unwrap().strip_prefix("DevTools listening on ")?.to_owned()))
            .expect("Chromium says where it listens");
        // Its later output is read too, so that it never waits for a reader.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        let host = address.trim_start_matches("ws://").split('/').next().unwrap();
        let stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(Duration::from_mins(2))).unwrap();
        let (socket, _) = client(&*address, stream).unwrap();
        let mut browser = Browser { process, _profile: profile, socket, session: None, calls: 0, events: Vec::new() };
        let target = browser.call("Target.createTarget", json!({ "url": "about:blank" }));
        let attached =
            browser.call("Target.attachToTarget", json!({ "targetId": target["targetId"], "flatten": true }));
        browser.session = Some(attached["sessionId"].as_str().unwrap().to_owned());
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    /// Calls a method of the protocol and waits for its result. Events that arrive meanwhile are kept.
    #[expect(clippy::needless_pass_by_value, reason = "the parameters are made where the call stands")]
    pub fn call(&mut self, method: &str, params: Value) -> Value {
        self.calls += 1;
        let id = self.calls;
        let mut message = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = &self.session {
            message["sessionId"] = session.as_str().into();
        }
        self.socket.send(Message::text(message.to_string())).unwrap();
        loop {
            let mut message = self.receive();
            if message["id"] == id {
                assert!(message["error"].is_null(), "{method}: {}", message["error"]);
                return message["result"].take();
            }
            self.events.push(message);
        }
    }

    fn receive(&mut self) -> Value {
        loop {
            if let Message::Text(text) = self.socket.read().expect("Chromium answers") {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    /// Opens a file and waits until it is loaded. Earlier events are dropped.
    pub fn open(&mut self, file: &Path) {
        self.events.clear();
        self.call("Page.navigate", json!({ "url": url(file) }));
        while !self.events.iter().any(|event| event["method"] == "Page.loadEventFired") {
            let event = self.receive();
            self.events.push(event);
        }
    }

    /// What went wrong since the page was opened, and every address that was asked for.
    pub fn complaints_and_requests(&self) -> (Vec<String>, Vec<String>) {
        let (mut complaints, mut requests) = (Vec::new(), Vec::new());
        for event in &self.events {
            match event["method"].as_str().unwrap() {
                "Runtime.consoleAPICalled" | "Runtime.exceptionThrown" | "Log.entryAdded" => {
                    complaints.push(event["params"].to_string());
                }
                "Network.requestWillBeSent" => {
                    requests.push(event["params"]["request"]["url"].as_str().unwrap().to_owned());
                }
                _ => {}
            }
        }
        (complaints, requests)
    }

    /// Evaluates an expression in the page. If it gives a promise, waits for that.
    pub fn eval(&mut self, expression: &str) -> Value {
        let params = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut result = self.call("Runtime.evaluate", params);
        assert!(result["exceptionDetails"].is_null(), "{expression:.200}: {}", result["exceptionDetails"]);
        result["result"]["value"].take()
    }

    /// Presses the mouse in the middle of the element that an expression gives.
    pub fn click(&mut self, element: &str) {
        let at = self.eval(&format!(
            "(() => {{ const element = {element}; element.scrollIntoView({{ block: 'center', inline: 'center' }});
              const box = element.getBoundingClientRect();
              return {{ x: box.x + box.width / 2, y: box.y + box.height / 2 }}; }})()"
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let mouse = json!({ "type": kind, "x": at["x"], "y": at["y"], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", mouse);
        }
    }

    /// Presses a key with a name, such as Enter.
    pub fn press(&mut self, key: &str, text: &str) {
        self.call("Input.dispatchKeyEvent", json!({ "type": "keyDown", "key": key, "code": key, "text": text }));
        self.call("Input.dispatchKeyEvent", json!({ "type": "keyUp", "key": key, "code": key }));
    }

    /// Types where the cursor is.
    pub fn write(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text }));
    }

    /// Gives the window this width.
    pub fn resize(&mut self, width: u32) {
        let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.call("Emulation.setDeviceMetricsOverride", size);
    }

    /// Shows the page as in a medium (`screen`, `print`) and a colour scheme (`light`, `dark`).
    pub fn show_as(&mut self, medium: &str, scheme: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "media": medium, "features": features }));
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It may have ended by itself. Either way it must be gone before its profile is removed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The address of a file.
pub fn url(file: &Path) -> String {
    format!("file://{}", file.display())
}
