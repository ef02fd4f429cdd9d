//! Colours and letters. Only the sixteen colours of the terminal are used, for marks, charts and states; text has
//! the terminal's own colours, so it can be read on a light and on a dark background. Nothing is told by colour
//! alone.

use super::super::attention::Urgency;
use super::super::rates::Tone;
use ratatui::style::{Color, Modifier, Style};

pub struct Look {
    pub unicode: bool,
    pub colour: bool,
}

impl Look {
    /// As the environment says. `NO_COLOR` turns colours off (<https://no-color.org>); the first of `LC_ALL`,
    /// `LC_CTYPE` and `LANG` that is set says whether the terminal knows Unicode, which most do.
    pub fn of(ascii: bool, variable: impl Fn(&str) -> Option<String>) -> Look {
        let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set);
        let is_utf8 = |locale: String| {
            let locale = locale.to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        };
        // The console of Linux has no font with all of the bars.
        let console = variable("TERM").is_some_and(|term| term == "linux");
        Look {
            unicode: !ascii && !console && locale.is_none_or(is_utf8),
            colour: set(&"NO_COLOR").is_none(),
        }
    }

    pub fn plain(&self) -> Style {
        Style::new()
    }

    pub fn strong(&self) -> Style {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        bold.remove_modifier(Modifier::DIM) // of the line that it stands in
    }

    /// For what is looked at last.
    pub fn faint(&self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    fn coloured(&self, colour: Color) -> Style {
        match self.colour {
            true => Style::new().fg(colour),
            false => Style::new(),
        }
    }

    pub fn good(&self) -> Style {
        self.coloured(Color::Green)
    }

    pub fn doubtful(&self) -> Style {
        self.coloured(Color::Yellow)
    }

    pub fn bad(&self) -> Style {
        self.coloured(Color::Red)
    }

    pub fn chart(&self, tone: Tone) -> Style {
        match tone {
            Tone::Usual => self.coloured(Color::Cyan),
            Tone::Doubtful => self.doubtful(),
            Tone::Bad => self.bad(),
        }
    }

    /// The mark before a notice, and its style.
    pub fn mark(&self, urgency: Urgency) -> (&'static str, Style) {
        match urgency {
            Urgency::Urgent => ("!!", self.bad().add_modifier(Modifier::BOLD)),
            Urgency::Warning => ("! ", self.doubtful().add_modifier(Modifier::BOLD)),
            Urgency::Hint => (self.pick("· ", "- "), self.faint()),
        }
    }

    /// A letter, or what stands for it in ASCII.
    pub fn pick(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        match self.unicode {
            true => unicode,
            false => ascii,
        }
    }

    pub fn gap(&self) -> &'static str {
        self.pick("…", "..")
    }
}

#[cfg(test)]
mod tests {
    use super::Look;

    #[test]
    fn the_environment_says_how_it_looks() {
        let look = |ascii, set: &[(&str, &str)]| {
            let get = |name: &str| {
                let found = set.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            let look = Look::of(ascii, get);
            (look.unicode, look.colour)
        };
        assert_eq!(look(false, &[]), (true, true));
        assert_eq!(look(true, &[("LANG", "en_GB.UTF-8")]), (false, true));
        assert_eq!(look(false, &[("LANG", "C")]), (false, true));
        assert_eq!(
            look(false, &[("LC_ALL", "C.utf8"), ("LANG", "C")]),
            (true, true)
        );
        assert_eq!(
            look(false, &[("LC_ALL", ""), ("LANG", "de_DE.ISO-8859-1")]),
            (false, true)
        );
        assert_eq!(
            look(false, &[("NO_COLOR", "1"), ("TERM", "linux")]),
            (false, false)
        );
        assert_eq!(look(false, &[("NO_COLOR", "")]), (true, true));
    }
}
