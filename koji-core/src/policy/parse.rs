//! Reads rules: `test args && ! test args :: action`, with `!!` instead of `::` to act if the tests fail, and `{` as
//! action to open a block that ends with `}` on a line by itself. `#` begins a comment.
//!
//! Three actions steer: `break [LEVELS]` leaves blocks, `stop` ends the policy, `flag NAME` sets a flag and goes on.

use super::tests::{Registry, Test};
use crate::{Error, Fault, Result};

/// A policy's rules.
pub struct RuleSet {
    pub(super) name: String,
    pub(super) rules: Vec<Rule>,
}

pub(super) struct Rule {
    /// The line within the policy, from 1.
    pub(super) line: usize,
    pub(super) tests: Vec<Asked>,
    /// The tests as written, for messages.
    pub(super) text: String,
    /// Whether the rule holds when its tests do not.
    pub(super) negate: bool,
    pub(super) then: Then,
}

/// A test in its place.
pub(super) struct Asked {
    pub(super) test: Box<dyn Test>,
    /// Whether it must fail.
    pub(super) negate: bool,
    /// As written, without the `!`.
    pub(super) text: String,
}

pub(super) enum Then {
    Action(String),
    Block(Vec<Rule>),
    /// Leaves this many levels, at least one.
    Break(u64),
    Stop,
    Flag(String),
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The line within the policy, from 1
    pub line: usize,
    /// What is wrong
    pub message: String,
    /// What to do about it; may be empty
    pub remedy: String,
}

/// What is wrong, and the remedy.
pub(super) type Wrong = (String, String);

pub(super) fn wrong<T>(message: impl Into<String>, remedy: impl Into<String>) -> Result<T, Wrong> {
    Err((message.into(), remedy.into()))
}

impl RuleSet {
    /// Reads a policy. Errors name the policy and the line.
    pub fn parse(name: &str, text: &str, registry: &Registry) -> Result<Self> {
        let (rules, mistakes) = Self::read(name, text, registry);
        match mistakes.into_iter().next() {
            None => Ok(rules),
            Some(Mistake { line, message, remedy }) => {
                let remedy = if remedy.is_empty() { remedy } else { format!(" ({remedy})") };
                let message = format!("policy {name}, line {line}: {message}{remedy}");
                Err(Error::new(Fault::Configuration, message))
            }
        }
    }

    /// Reads a policy as far as it can be understood, and tells all that is wrong with it.
    pub fn read(name: &str, text: &str, registry: &Registry) -> (Self, Vec<Mistake>) {
        let mut reader = Reader { current: Vec::new(), open: Vec::new(), mistakes: Vec::new() };
        for (at, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if !line.is_empty()
                && let Err((message, remedy)) = reader.line(at + 1, line, (name, registry))
            {
                reader.mistakes.push(Mistake { line: at + 1, message, remedy });
            }
        }
        while let Some(block) = reader.open.pop() {
            let (message, remedy) =
                ("nesting error in rule set: this block is not closed", "close it with }");
            let line = block.head.line;
            reader.mistakes.push(Mistake { line, message: message.into(), remedy: remedy.into() });
            reader.close(block);
        }
        (Self { name: name.into(), rules: reader.current }, reader.mistakes)
    }

    /// The first words of all actions, each once, in the order they come.
    pub fn actions(&self) -> Vec<&str> {
        fn collect<'a>(rules: &'a [Rule], found: &mut Vec<&'a str>) {
            for rule in rules {
                match &rule.then {
                    Then::Block(rules) => collect(rules, found),
                    Then::Action(action) => {
                        let word = action.split_whitespace().next().unwrap_or_default();
                        if !found.contains(&word) {
                            found.push(word);
                        }
                    }
                    Then::Break(_) | Then::Stop | Then::Flag(_) => {}
                }
            }
        }
        let mut found = Vec::new();
        collect(&self.rules, &mut found);
        found
    }
}

/// What is read so far.
struct Reader {
    current: Vec<Rule>,
    open: Vec<Open>,
    mistakes: Vec<Mistake>,
}

/// A block that is being read: its head, and what stands before it.
struct Open {
    head: Rule,
    outer: Vec<Rule>,
}

impl Reader {
    fn line(&mut self, number: usize, line: &str, known: (&str, &Registry)) -> Result<(), Wrong> {
        if line == "}" {
            let Some(block) = self.open.pop() else {
                return wrong("nesting error in rule set: nothing is open here", "take the } away");
            };
            self.close(block);
            return Ok(());
        }
        let (position, negate) = match (line.rfind("::"), line.rfind("!!")) {
            (Some(position), _) => (position, false),
            (None, Some(position)) => (position, true),
            (None, None) => return wrong("bad policy line", "write it as 'tests :: action'"),
        };
        let (text, action) = (&line[..position], line[position + 2..].trim());
        let tests = text.split("&&").map(|test| asked(test, known)).collect::<Result<_, _>>();
        let opens = action == "{";
        let then = if opens { Ok(Then::Block(Vec::new())) } else { then(action) };
        // a block is a block even where its tests are wrong: the lines within are looked at all the same
        let (tests, then, mistake) = match (tests, then) {
            (Ok(tests), Ok(then)) => (tests, then, None),
            (Err(mistake), _) if opens => (Vec::new(), Then::Block(Vec::new()), Some(mistake)),
            (Err(mistake), _) | (_, Err(mistake)) => return Err(mistake),
        };
        let rule = Rule { line: number, tests, text: text.into(), negate, then };
        if opens {
            self.open.push(Open { head: rule, outer: std::mem::take(&mut self.current) });
        } else {
            self.current.push(rule);
        }
        mistake.map_or(Ok(()), Err)
    }

    fn close(&mut self, Open { mut head, outer }: Open) {
        head.then = Then::Block(std::mem::replace(&mut self.current, outer));
        self.current.push(head);
    }
}

fn asked(text: &str, (policy, registry): (&str, &Registry)) -> Result<Asked, Wrong> {
    let trimmed = text.trim_start();
    let (negate, text) = match trimmed.strip_prefix('!') {
        Some(rest) if rest.is_empty() || rest.starts_with(char::is_whitespace) => (true, rest),
        _ => (false, text),
    };
    Ok(Asked { test: registry.test(policy, text)?, negate, text: text.trim().into() })
}

fn then(action: &str) -> Result<Then, Wrong> {
    let mut words = action.split_whitespace();
    let (verb, first, more) = (words.next(), words.next(), words.next());
    match (verb, first, more) {
        (None, ..) => wrong("the action is missing", "write it behind the :: or !!"),
        (Some("}"), None, _) => wrong("a closing brace is no action", "put the } on a line by itself"),
        (Some("stop"), None, _) => Ok(Then::Stop),
        (Some("stop"), ..) => wrong(format!("Invalid stop action: {action}"), "stop takes no word"),
        (Some("break"), None, _) => Ok(Then::Break(1)),
        (Some("break"), Some(levels), None) => match levels.parse::<i64>() {
            // Koji takes less than one level for one
            Ok(levels) => Ok(Then::Break(levels.max(1).unsigned_abs())),
            Err(_) => wrong(format!("Invalid break action: {action}"), "write 'break' or 'break NUMBER'"),
        },
        (Some("break"), ..) => {
            wrong(format!("Invalid break action: {action}"), "write 'break' or 'break NUMBER'")
        }
        (Some("flag"), Some(name), _) => Ok(Then::Flag(name.into())),
        (Some("flag"), None, _) => wrong("the flag has no name", "write 'flag NAME'"),
        _ => Ok(Then::Action(action.into())),
    }
}
