//! Lays out the tokens of one value (a condition, a selector, a list) on lines.
//!
//! In: tokens with their comments. Out: text, on one line if it fits and has no comment inside; else each `and` and
//! `or` of the outermost level starts a line, and so on inward.
//! Invariant: every token and every comment comes out, in order; what stands on which line follows from the tokens and
//! the column alone, so laying out twice changes nothing.
//! Cost: each token is measured once per level that it nests in.

use super::tokens::{Token, TokenKind};

/// Lines are this wide where the text allows it.
pub(super) const WIDTH: usize = 110;

/// Text that grows, with the column that it has reached.
pub(super) struct Page<'t> {
    text: &'t str,
    out: String,
    column: usize,
    /// A line break is due before the next token.
    broken: bool,
    previous: Option<Token>,
}

/// A token, or what stands between two brackets.
enum Node {
    Leaf(Token),
    Group { open: Token, inner: Vec<Node>, close: Token },
}

impl<'t> Page<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, out: String::new(), column: 0, broken: false, previous: None }
    }

    pub(super) fn finish(self) -> String {
        self.out
    }

    /// Ends the line, if anything stands on it.
    pub(super) fn end_line(&mut self) {
        if self.column > 0 {
            self.newline();
        }
        self.broken = false;
        self.previous = None;
    }

    /// An empty line, unless the page is empty.
    pub(super) fn blank_line(&mut self) {
        self.end_line();
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.newline();
        }
    }

    /// Text as it is.
    pub(super) fn raw(&mut self, text: &str) {
        self.out.push_str(text);
        self.column = match text.rfind('\n') {
            Some(at) => text.get(at + 1..).unwrap_or("").chars().count(),
            None => self.column + text.chars().count(),
        };
    }

    pub(super) fn spaces(&mut self, count: usize) {
        self.out.extend(std::iter::repeat_n(' ', count));
        self.column += count;
    }

    /// A comment on its own line.
    pub(super) fn own_comment(&mut self, comment: &Token, indent: usize) {
        self.end_line();
        self.spaces(indent);
        self.raw(comment.text(self.text).trim_end());
        self.end_line();
    }

    /// A comment after what stands on the line.
    pub(super) fn trailing_comment(&mut self, comment: &Token) {
        self.raw(" ");
        self.raw(comment.text(self.text).trim_end());
    }

    /// A value, from the column reached. Returns with its last line open.
    pub(super) fn value(&mut self, tokens: &[Token]) {
        self.broken = false;
        self.previous = None;
        let nodes = nodes(self.text, tokens);
        self.sequence(&nodes, self.column);
    }

    /// A value that starts on the next line unless all of it fits on this one.
    pub(super) fn value_or_next_line(&mut self, tokens: &[Token], indent: usize) {
        let nodes = nodes(self.text, tokens);
        self.previous = None;
        if self.fits(&nodes, self.column + 1) {
            self.raw(" ");
            self.sequence(&nodes, self.column);
        } else {
            self.broken = true;
            self.sequence(&nodes, indent);
        }
    }

    /// Whether the last line written is a comment of its own.
    pub(super) fn follows_comment(&self) -> bool {
        self.out.trim_end().rsplit('\n').next().is_some_and(|line| line.trim_start().starts_with('#'))
    }

    fn newline(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }

    fn fits(&self, nodes: &[Node], column: usize) -> bool {
        let mut width = column;
        let mut previous = None;
        measure(self.text, nodes, &mut previous, &mut width) && width <= WIDTH
    }

    fn sequence(&mut self, nodes: &[Node], indent: usize) {
        let start = if self.broken { indent } else { self.column };
        if self.fits(nodes, start) {
            return self.flat(nodes, indent);
        }
        // Each `and` and `or` of this level starts a line.
        let mut before = "";
        for node in nodes {
            if let Node::Leaf(token) = node {
                self.broken |= is_operator(self.text, token, before);
                before = token.text(self.text);
            } else {
                before = ")";
            }
            self.node(node, indent);
        }
    }

    fn flat(&mut self, nodes: &[Node], indent: usize) {
        for node in nodes {
            match node {
                Node::Leaf(token) => self.token(token, indent),
                Node::Group { open, inner, close } => {
                    self.token(open, indent);
                    self.flat(inner, indent);
                    self.token(close, indent);
                }
            }
        }
    }

    fn node(&mut self, node: &Node, indent: usize) {
        match node {
            Node::Leaf(token) => self.token(token, indent),
            Node::Group { open, inner, close } => {
                let whole = std::slice::from_ref(node);
                let from = if self.broken { indent } else { self.column + 1 };
                if self.fits(whole, from) {
                    return self.flat(whole, indent);
                }
                self.token(open, indent);
                match open.text(self.text) {
                    "[" => self.items(inner, self.column),
                    "{" => self.entries(inner, indent + 2),
                    _ => self.sequence(inner, self.column),
                }
                self.broken |= open.text(self.text) == "{";
                self.token(close, indent);
            }
        }
    }

    /// The items of a list, as many on a line as fit.
    fn items(&mut self, nodes: &[Node], indent: usize) {
        for node in nodes {
            if let Node::Leaf(token) = node {
                let width = token.text(self.text).chars().count();
                if token.text(self.text) != "," && self.column + width + 2 > WIDTH && self.column > indent {
                    self.broken = true;
                }
            }
            self.node(node, indent);
        }
    }

    /// The platforms of `custom`, one on a line.
    fn entries(&mut self, nodes: &[Node], indent: usize) {
        for node in nodes {
            if let Node::Leaf(token) = node {
                self.broken |= token.kind == TokenKind::Word;
            }
            self.node(node, indent);
        }
    }

    fn token(&mut self, token: &Token, indent: usize) {
        if token.kind == TokenKind::Comment {
            if token.breaks > 0 {
                self.own_comment(token, indent);
            } else {
                self.trailing_comment(token);
            }
            self.broken = true;
            return;
        }
        if self.broken {
            self.end_line();
            self.spaces(indent);
        } else if self.previous.is_some_and(|previous| spaced(self.text, &previous, token)) {
            self.raw(" ");
        }
        self.broken = false;
        for part in parts(self.text, self.previous.as_ref(), token) {
            self.raw(part);
        }
        self.previous = Some(*token);
    }
}

/// A token's canonical text: `today -90` is `today - 90`.
fn parts<'t>(text: &'t str, previous: Option<&Token>, token: &Token) -> [&'t str; 3] {
    let own = token.text(text);
    match own.strip_prefix('-') {
        Some(rest) if !rest.is_empty() && previous.is_some_and(|previous| previous.text(text) == "today") => {
            ["-", " ", rest]
        }
        _ => [own, "", ""],
    }
}

/// Adds the width of nodes on one line; `false` if they cannot stand on one.
fn measure(text: &str, nodes: &[Node], previous: &mut Option<Token>, width: &mut usize) -> bool {
    let token = |token: &Token, previous: &mut Option<Token>, width: &mut usize| {
        *width += usize::from(previous.is_some_and(|previous| spaced(text, &previous, token)));
        *width +=
            parts(text, previous.as_ref(), token).iter().map(|part| part.chars().count()).sum::<usize>();
        *previous = Some(*token);
        token.kind != TokenKind::Comment && *width <= WIDTH
    };
    nodes.iter().all(|node| match node {
        Node::Leaf(leaf) => token(leaf, previous, width),
        Node::Group { open, inner, close } => {
            token(open, previous, width)
                && measure(text, inner, previous, width)
                && token(close, previous, width)
        }
    })
}

/// Whether a blank stands between two tokens of a line.
fn spaced(text: &str, left: &Token, right: &Token) -> bool {
    let (left_text, right_text) = (left.text(text), right.text(text));
    let glued_left = left.kind == TokenKind::Symbol && matches!(left_text, "(" | "[" | "." | ":");
    let glued_right = right.kind == TokenKind::Symbol && matches!(right_text, ")" | "]" | "," | "." | ":");
    !glued_left && !glued_right
}

/// `and` and `or`, unless they stand where only a name can.
fn is_operator(text: &str, token: &Token, before: &str) -> bool {
    token.kind == TokenKind::Word
        && matches!(token.text(text), "and" | "or")
        && !matches!(before, "" | "." | ":" | "tagged" | "under" | "attribute" | "integration" | "column")
}

/// Groups tokens by their brackets. Only the head of a declaration has one without its match: the `{` at its end.
fn nodes(text: &str, tokens: &[Token]) -> Vec<Node> {
    let mut open: Vec<(Token, Vec<Node>)> = Vec::new();
    let mut nodes = Vec::new();
    for token in tokens {
        match (token.kind, token.text(text)) {
            (TokenKind::Symbol, "(" | "[" | "{") => open.push((*token, std::mem::take(&mut nodes))),
            (TokenKind::Symbol, ")" | "]" | "}") if !open.is_empty() => {
                if let Some((start, before)) = open.pop() {
                    let inner = std::mem::replace(&mut nodes, before);
                    nodes.push(Node::Group { open: start, inner, close: *token });
                }
            }
            _ => nodes.push(Node::Leaf(*token)),
        }
    }
    while let Some((start, before)) = open.pop() {
        let inner = std::mem::replace(&mut nodes, before);
        nodes.push(Node::Leaf(start));
        nodes.extend(inner);
    }
    nodes
}
