//! INI files as Python's `configparser` reads them, for that is what Koji's files were written for.
//!
//! Option names are lower case, `[DEFAULT]` holds for every section, indented lines continue a value, comments
//! stand on lines of their own. An option that a file sets twice is an error; a later file overrides an earlier.

use std::collections::HashMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::{Error, Fault, Result};

/// A configuration error.
pub(super) fn wrong(message: String) -> Error {
    Error::new(Fault::Configuration, message)
}

/// A file, or a directory whose `*.conf` files are read in the order of their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it must exist, and a directory must hold something.
    pub required: bool,
}

impl Source {
    /// What may be missing.
    pub fn optional(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), required: false }
    }

    /// What must be there.
    pub fn required(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), required: true }
    }

    fn files(&self) -> Result<Vec<PathBuf>> {
        let path = &self.path;
        if !path.is_dir() {
            return match path.is_file() {
                true => Ok(vec![path.clone()]),
                false if self.required => {
                    Err(wrong(format!("Config file {} can't be opened.", path.display())))
                }
                false => Ok(Vec::new()),
            };
        }
        let mut files = Vec::new();
        for entry in path.read_dir().map_err(|error| Error::io(path, error))? {
            let file = entry.map_err(|error| Error::io(path, error))?.path();
            if file.to_string_lossy().ends_with(".conf") && (file.is_file() || self.required) {
                files.push(file);
            }
        }
        files.sort();
        if files.is_empty() && self.required {
            return Err(wrong(format!("No config files found in directory: {}", path.display())));
        }
        Ok(files)
    }
}

#[derive(Clone, Debug, Default)]
struct Section {
    name: String,
    options: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    name: String,
    value: String,
    place: Place,
}

/// Where an option stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file, or the name of a text
    pub file: PathBuf,
    /// The line of the file that each line of the value came from
    lines: Vec<usize>,
}

impl Place {
    /// The line of the file that a line of the value stands in; both count from 1.
    pub fn line(&self, of_value: usize) -> Option<usize> {
        self.lines.get(of_value.checked_sub(1)?).copied()
    }
}

impl Section {
    fn set(&mut self, entry: Entry) {
        match self.options.iter_mut().find(|known| known.name == entry.name) {
            Some(old) => *old = entry,
            None => self.options.push(entry),
        }
    }

    fn find(&self, name: &str) -> Option<&Entry> {
        self.options.iter().find(|known| known.name == name)
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.find(name).map(|entry| entry.value.as_str())
    }
}

/// What files say, merged.
#[derive(Clone, Debug, Default)]
pub struct Ini {
    defaults: Section,
    sections: Vec<Section>,
}

impl Ini {
    /// Reads sources in order, later ones overriding.
    pub fn read(sources: &[Source]) -> Result<Self> {
        let mut ini = Self::default();
        for source in sources {
            for file in source.files()? {
                let text = match fs::read_to_string(&file) {
                    Ok(text) => text,
                    // Python skips what it can't open; a file that only root may read is no reason to stop
                    Err(error) if !source.required && error.kind() == ErrorKind::PermissionDenied => continue,
                    Err(error) => return Err(wrong(format!("{}: {error}", file.display())).caused_by(error)),
                };
                ini.parse(&file, &text)?;
            }
        }
        Ok(ini)
    }

    /// Reads one text; `name` is for messages.
    pub fn from_text(name: &str, text: &str) -> Result<Self> {
        let mut ini = Self::default();
        ini.parse(Path::new(name), text)?;
        Ok(ini)
    }

    /// The sections, without `DEFAULT`.
    pub fn sections(&self) -> impl Iterator<Item = &str> {
        self.sections.iter().map(|section| section.name.as_str())
    }

    /// Whether a section is there.
    pub fn has_section(&self, section: &str) -> bool {
        self.find(section).is_some()
    }

    /// An option's value as written; `name` in any case.
    pub fn get(&self, section: &str, name: &str) -> Option<&str> {
        let name = name.to_lowercase();
        let section = self.find(section)?;
        section.get(&name).or_else(|| self.defaults.get(&name))
    }

    /// A section's options by name, those of `DEFAULT` included.
    pub fn items(&self, section: &str) -> Vec<(&str, &str)> {
        let Some(section) = self.find(section) else { return Vec::new() };
        let inherited = self.defaults.options.iter().filter(|entry| section.find(&entry.name).is_none());
        let both = inherited.chain(&section.options);
        both.map(|entry| (entry.name.as_str(), entry.value.as_str())).collect()
    }

    /// Where an option stands that [`Ini::get`] finds.
    pub fn place(&self, section: &str, name: &str) -> Option<&Place> {
        let name = name.to_lowercase();
        self.find(section)?.find(&name).or_else(|| self.defaults.find(&name)).map(|entry| &entry.place)
    }

    /// An option's value with `%(other)s` replaced by other options of the section and `%%` by `%`.
    pub fn interpolated(&self, section: &str, name: &str) -> Result<Option<String>> {
        self.get(section, name).map(|value| self.interpolate(section, value, 10)).transpose()
    }

    fn interpolate(&self, section: &str, value: &str, depth: u8) -> Result<String> {
        let mut out = String::new();
        let mut rest = value;
        while let Some((before, after)) = rest.split_once('%') {
            out.push_str(before);
            if let Some(after) = after.strip_prefix('%') {
                out.push('%');
                rest = after;
                continue;
            }
            let reference = after.strip_prefix('(').and_then(|after| after.split_once(")s"));
            let Some((name, after)) = reference else {
                return Err(wrong(format!("[{section}]: '%' must be followed by '%' or '(option)s'")));
            };
            let inner = self.get(section, name).filter(|_| depth > 0).ok_or_else(|| {
                wrong(format!("[{section}]: %({name})s names no option of the section, or refers to itself"))
            })?;
            out.push_str(&self.interpolate(section, inner, depth - 1)?);
            rest = after;
        }
        out.push_str(rest);
        Ok(out)
    }

    fn find(&self, section: &str) -> Option<&Section> {
        self.sections.iter().find(|known| known.name == section)
    }

    fn section_mut(&mut self, name: &str) -> &mut Section {
        if name == "DEFAULT" {
            return &mut self.defaults;
        }
        let position = self.sections.iter().position(|section| section.name == name).unwrap_or_else(|| {
            self.sections.push(Section { name: name.into(), ..Section::default() });
            self.sections.len() - 1
        });
        &mut self.sections[position]
    }

    fn parse(&mut self, file: &Path, text: &str) -> Result<()> {
        for section in Reader::new(file).read(text)? {
            let target = self.section_mut(&section.name);
            for entry in section.options {
                target.set(entry);
            }
        }
        Ok(())
    }
}

/// Reads one file.
struct Reader<'a> {
    file: &'a Path,
    sections: Vec<Section>,
    /// The lines of the option that is being read.
    open: Option<Open>,
    indent: usize,
    seen: HashMap<String, usize>,
}

/// An option that is being read: its name, and its lines with their numbers.
struct Open {
    name: String,
    lines: Vec<(usize, String)>,
}

impl<'a> Reader<'a> {
    fn new(file: &'a Path) -> Self {
        Self { file, sections: Vec::new(), open: None, indent: 0, seen: HashMap::new() }
    }

    fn read(mut self, text: &str) -> Result<Vec<Section>> {
        for (at, line) in text.lines().enumerate() {
            self.line(at + 1, line)?;
        }
        self.finish();
        Ok(self.sections)
    }

    fn line(&mut self, number: usize, line: &str) -> Result<()> {
        let value = line.trim();
        if value.starts_with(['#', ';']) {
            return Ok(());
        }
        if value.is_empty() {
            if let Some(open) = &mut self.open {
                open.lines.push((number, String::new()));
            }
            return Ok(());
        }
        let indent = line.chars().take_while(|c| c.is_whitespace()).count();
        if indent > self.indent
            && let Some(open) = &mut self.open
        {
            open.lines.push((number, value.into()));
            return Ok(());
        }
        self.indent = indent;
        self.finish();
        match value.strip_prefix('[').and_then(|rest| rest.rsplit_once(']')) {
            Some((name, _)) if !name.is_empty() => self.header(number, name),
            _ => self.option(number, value),
        }
    }

    fn header(&mut self, number: usize, name: &str) -> Result<()> {
        if name != "DEFAULT" {
            self.once(number, format!("section [{name}]"))?;
        }
        self.sections.push(Section { name: name.into(), ..Section::default() });
        Ok(())
    }

    fn option(&mut self, number: usize, line: &str) -> Result<()> {
        let Some(section) = self.sections.last().map(|section| section.name.clone()) else {
            return Err(self.error(number, "there is no [section] before this line"));
        };
        let (name, value) = match line.split_once(['=', ':']) {
            Some((name, value)) if !name.trim().is_empty() => (name.trim().to_lowercase(), value.trim()),
            _ => return Err(self.error(number, "expected 'option = value'")),
        };
        self.once(number, format!("option {name} of [{section}]"))?;
        self.open = Some(Open { name, lines: vec![(number, value.into())] });
        Ok(())
    }

    fn once(&mut self, number: usize, what: String) -> Result<()> {
        if let Some(first) = self.seen.get(&what) {
            return Err(self.error(number, &format!("{what} is there already, in line {first}")));
        }
        self.seen.insert(what, number);
        Ok(())
    }

    fn finish(&mut self) {
        if let (Some(Open { name, lines }), Some(section)) = (self.open.take(), self.sections.last_mut()) {
            let (lines, texts): (Vec<usize>, Vec<String>) = lines.into_iter().unzip();
            let place = Place { file: self.file.to_owned(), lines };
            section.options.push(Entry { name, value: texts.join("\n").trim_end().into(), place });
        }
    }

    fn error(&self, number: usize, message: &str) -> Error {
        wrong(format!("{}, line {number}: {message}", self.file.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_comments_and_defaults() {
        let text = "[DEFAULT]\ntop = /mnt\n[a]\nKey: one ; two # three\n# no\nlong =\n    x :: y\n\n    # gone\n      z\nend=\n";
        let ini = Ini::from_text("t", text).unwrap();
        assert_eq!(ini.get("a", "KEY"), Some("one ; two # three"));
        assert_eq!(ini.get("a", "long"), Some("\nx :: y\n\nz"));
        assert_eq!(ini.get("a", "end"), Some(""));
        assert_eq!(ini.get("a", "top"), Some("/mnt"));
        assert_eq!((ini.get("b", "top"), ini.has_section("DEFAULT")), (None, false));
        assert_eq!(ini.items("a").len(), 4);
    }

    #[test]
    fn lines_of_values_are_known() {
        let text = "[DEFAULT]\ntop = /mnt\n[a]\np =\n  one\n# no\n\n  two\n";
        let ini = Ini::from_text("t", text).unwrap();
        let place = ini.place("a", "P").unwrap();
        let value = ini.get("a", "p").unwrap();
        let lines: Vec<_> =
            value.lines().enumerate().map(|(at, line)| (line, place.line(at + 1).unwrap())).collect();
        assert_eq!(lines, [("", 4), ("one", 5), ("", 7), ("two", 8)]);
        assert_eq!((place.line(0), place.line(9)), (None, None));
        assert_eq!(ini.place("a", "top").unwrap().line(1), Some(2));
        assert!(ini.place("a", "gone").is_none());
    }

    #[test]
    fn errors_name_the_line() {
        let message = |text| Ini::from_text("hub.conf", text).unwrap_err().message;
        assert!(message("x = 1\n").starts_with("hub.conf, line 1"));
        assert!(message("[a]\nsecret-without-equals\n").ends_with("expected 'option = value'"));
        assert!(message("[a]\nx=1\nX=2\n").contains("line 3"));
        assert!(message("[a]\n[a]\n").contains("section [a]"));
    }

    #[test]
    fn interpolation_is_for_those_who_ask() {
        let ini =
            Ini::from_text("t", "[a]\nhost=h\nurl=http://%(host)s/%%\nloop=%(loop)s\nbad=50%\n").unwrap();
        assert_eq!(ini.interpolated("a", "url").unwrap().unwrap(), "http://h/%");
        assert_eq!(ini.get("a", "bad"), Some("50%"));
        assert!(ini.interpolated("a", "loop").is_err() && ini.interpolated("a", "bad").is_err());
    }

    #[test]
    fn later_sources_override() {
        let dir = tempfile::tempdir().unwrap();
        let path = |name: &str| dir.path().join(name);
        fs::create_dir(path("d")).unwrap();
        fs::write(path("d/b.conf"), "[a]\nx=b\n").unwrap();
        fs::write(path("d/a.conf"), "[a]\nx=a\ny=a\n").unwrap();
        fs::write(path("d/c.txt"), "broken").unwrap();
        let ini = Ini::read(&[Source::required(path("d")), Source::optional(path("none"))]).unwrap();
        assert_eq!((ini.get("a", "x"), ini.get("a", "y")), (Some("b"), Some("a")));
        assert!(Ini::read(&[Source::required(path("none"))]).unwrap_err().message.contains("none"));
    }
}
