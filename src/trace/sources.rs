//! From a file of a package back to the file that a person edits.

use super::{Frame, Trace};

/// Where a package comes from, for the frames of its code.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// The folder, as the manifest names it: `src`. Not known: the package's own names are told.
    pub code: Option<String>,
}

impl Sources {
    /// `src/index.js:5`, if the frame is of the user's own files; without the line where it is not
    /// told.
    pub fn own(&self, frame: &Frame) -> Option<String> {
        let (path, line) = frame.own.as_ref()?;
        let file = self.file(path);
        Some(match line {
            Some(line) => format!("{file}:{line}"),
            None => file,
        })
    }

    /// The places of a trace in the user's own files, each once where it follows itself. Files
    /// alone are told only of a trace that names no line.
    pub fn all(&self, trace: &Trace) -> Vec<String> {
        let has_line = |frame: &&Frame| matches!(frame.own, Some((_, Some(_))));
        let lines = trace.frames.iter().any(|frame| has_line(&frame));
        let told = trace
            .frames
            .iter()
            .filter(|frame| !lines || has_line(frame));
        let mut all: Vec<String> = told.filter_map(|frame| self.own(frame)).collect();
        all.dedup();
        all
    }

    /// A file of the package, relative to the manifest's folder.
    fn file(&self, path: &str) -> String {
        let code = self.code.as_deref().unwrap_or_default();
        let code = code.trim_start_matches("./").trim_end_matches('/');
        match code {
            "" | "." => path.to_owned(),
            code => format!("{code}/{path}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_packages_file_is_one_of_the_folder_that_was_packed() {
        let frame = Frame::of("at f (/var/task/lib/a.js:5:1)").unwrap();
        for (code, place) in [
            (Some("src"), "src/lib/a.js:5"),
            (Some("./src/"), "src/lib/a.js:5"),
            (Some("../common"), "../common/lib/a.js:5"),
            (Some("."), "lib/a.js:5"),
            (None, "lib/a.js:5"),
        ] {
            let sources = Sources {
                code: code.map(str::to_owned),
            };
            assert_eq!(sources.own(&frame).unwrap(), place);
        }
    }
}
