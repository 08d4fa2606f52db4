//! A run at a terminal, which a test reads as it is drawn.

use std::io::{Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::root;
use super::sandbox::Sandbox;

pub struct Terminal {
    child: Child,
    keys: ChildStdin,
    stdout: ChildStdout,
    columns: usize,
    drawn: Vec<u8>,
}

impl Terminal {
    /// Begins a run; its terminal has so many columns.
    pub fn begin(sandbox: &Sandbox, columns: usize, line: &str) -> Terminal {
        let slp = sandbox.command(line);
        let folder = slp.get_current_dir().expect("the sandbox's folder");
        let mut command = Command::new("python3");
        command
            .arg(root().join("tests/emulators/terminal.py"))
            .arg(columns.to_string())
            .arg(slp.get_program())
            .args(slp.get_args())
            .current_dir(folder)
            .env_clear()
            .env("TERM", "xterm")
            .envs(
                slp.get_envs()
                    .filter_map(|(key, value)| Some((key, value?))),
            )
            .env_remove("COLUMNS")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().expect("python3 runs a terminal");
        let keys = child.stdin.take().expect("stdin is piped");
        let stdout = child.stdout.take().expect("stdout is piped");
        Terminal {
            child,
            keys,
            stdout,
            columns,
            drawn: Vec::new(),
        }
    }

    /// Waits until its screen shows this.
    pub fn shows(&mut self, part: &str) {
        while !self.screen().contains(part) {
            assert!(self.read(), "never shown: {part:?}\n{}", self.screen());
        }
    }

    /// Types this; `\u{3}` is Ctrl-C.
    pub fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).expect("a terminal");
    }

    /// Waits for its end; the exit code, and what is left on the screen.
    pub fn end(mut self) -> (Option<i32>, String) {
        while self.read() {}
        let status = self.child.wait().expect("an end");
        (status.code(), self.screen())
    }

    /// All that was drawn, with what was taken away again.
    pub fn drawn(&self) -> String {
        String::from_utf8_lossy(&self.drawn).into_owned()
    }

    fn read(&mut self) -> bool {
        let mut some = [0; 4096];
        let read = self.stdout.read(&mut some).expect("what is drawn");
        self.drawn.extend_from_slice(&some[..read]);
        read > 0
    }

    /// The screen as somebody sees it, without spaces at the ends of lines.
    pub fn screen(&self) -> String {
        let mut screen = Screen {
            columns: self.columns,
            lines: vec![Vec::new()],
            row: 0,
            column: 0,
        };
        screen.draw(&self.drawn());
        let lines = screen.lines.iter();
        let text = lines.map(|line| line.iter().collect::<String>().trim_end().to_owned());
        text.collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Terminal {
    /// A test that failed leaves nothing running.
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// As much of a terminal as slp uses.
struct Screen {
    columns: usize,
    lines: Vec<Vec<char>>,
    row: usize,
    column: usize,
}

impl Screen {
    fn draw(&mut self, text: &str) {
        let mut rest = text.chars();
        while let Some(c) = rest.next() {
            match c {
                '\u{1b}' => {
                    self.obey(&escape(&mut rest));
                }
                '\r' => self.column = 0,
                '\n' => self.down(1),
                c => self.put(c),
            }
        }
    }

    fn put(&mut self, c: char) {
        if self.column == self.columns {
            self.down(1);
            self.column = 0;
        }
        let line = &mut self.lines[self.row];
        if line.len() <= self.column {
            line.resize(self.column + 1, ' ');
        }
        line[self.column] = c;
        self.column += 1;
    }

    fn down(&mut self, rows: usize) {
        self.row += rows;
        if self.lines.len() <= self.row {
            self.lines.resize(self.row + 1, Vec::new());
        }
    }

    /// `2K` clears the line, `3A` goes up, `3B` down; what sets colours is not seen.
    fn obey(&mut self, code: &str) {
        let (number, letter) = code.split_at(code.len() - 1);
        let number: usize = number.parse().unwrap_or(1);
        match letter {
            "K" => self.lines[self.row].clear(),
            "A" => self.row = self.row.saturating_sub(number),
            "B" => self.down(number),
            "m" => {}
            other => panic!("the terminal does not know {other:?}"),
        }
    }
}

/// What follows `ESC [`, up to the letter that ends it.
fn escape(rest: &mut std::str::Chars<'_>) -> String {
    let mut code = String::new();
    for c in rest.skip(1) {
        code.push(c);
        if c.is_ascii_alphabetic() {
            break;
        }
    }
    code
}
