//! Tables of text, whose columns are aligned by what a terminal shows: a Chinese character takes two columns,
//! and a combining accent none.

use super::words::printable;
use unicode_width::UnicodeWidthStr;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

pub struct Table {
    columns: Vec<(String, Side)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// The headings. One that begins with `>` is of a column of numbers, which stand at its right.
    pub fn new(headings: &[&str]) -> Table {
        let column = |heading: &&str| match heading.strip_prefix('>') {
            Some(heading) => (heading.to_owned(), Side::Right),
            None => ((*heading).to_owned(), Side::Left),
        };
        Table {
            columns: headings.iter().map(column).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row. What could drive a terminal is escaped.
    pub fn row<T: AsRef<str>>(&mut self, cells: &[T]) {
        let row = cells.iter().map(|cell| printable(cell.as_ref()));
        self.rows.push(row.collect());
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The lines, the headings first. No line ends in spaces.
    pub fn lines(&self) -> Vec<String> {
        let headings: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        let all = || std::iter::once(&headings).chain(&self.rows);
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|i| {
                all()
                    .filter_map(|row| Some(row.get(i)?.width()))
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        all().map(|row| self.line(row, &widths)).collect()
    }

    fn line(&self, row: &[String], widths: &[usize]) -> String {
        let mut line = String::new();
        for ((cell, width), (_, side)) in row.iter().zip(widths).zip(&self.columns) {
            let space = " ".repeat(width.saturating_sub(cell.width()));
            match side {
                Side::Left => line.extend([cell, space.as_str(), "  "]),
                Side::Right => line.extend([space.as_str(), cell, "  "]),
            }
        }
        line.truncate(line.trim_end_matches(' ').len());
        line
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_are_aligned_by_display_width() {
        let mut table = Table::new(&["USER", ">BYTES", "KEY"]);
        table.row(&["ada", "7", "a"]);
        table.row(&["李雷", "1024", "b"]);
        table.row(&["e\u{301}", "12", ""]);
        let expected = [
            "USER  BYTES  KEY",
            "ada       7  a",
            "李雷   1024  b",
            "e\u{301}        12",
        ];
        assert_eq!(table.lines(), expected);
    }

    #[test]
    fn a_cell_cannot_drive_the_terminal() {
        let mut table = Table::new(&["NAME"]);
        table.row(&["\u{1b}[2J\n"]);
        assert_eq!(table.lines()[1], "\\u{1b}[2J\\n");
    }
}
