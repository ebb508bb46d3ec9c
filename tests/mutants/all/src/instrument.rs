//! All mutants in one text: each stands beside the original, and `crate::mutant::on` says at run time which of them is on.
//!
//! Only insertions are made, so that the original stays as it was written; a mutant is a copy of the changed expression before it.
//! (Untch, Offutt, Harrold: Mutation analysis using mutant schemata, ISSTA 1993.)

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use anyhow::{Context, Result};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::list::{self, Mutant};

/// A mutant under its number.
pub type Number = usize;

/// What an instrumented text has of mutants.
pub struct Instrumented {
    pub text: String,
    /// Where a mutant's own text stands.
    pub pieces: Vec<(Range<usize>, Number)>,
    /// The functions, with all mutants in each.
    pub functions: Vec<(Range<usize>, BTreeSet<Number>)>,
    /// The mutants that have a place.
    pub formed: BTreeSet<Number>,
}

/// Puts mutants of one file into it.
pub fn instrument(text: &str, mutants: &[(Number, &Mutant)]) -> Result<Instrumented> {
    let file = syn::parse_file(text)?;
    let mut places = BTreeMap::<(usize, usize), Vec<(Number, &Mutant)>>::new();
    for (number, mutant) in mutants {
        let range = list::range(text, mutant.span).context("a place outside the file")?;
        places.entry((range.start, range.end)).or_default().push((*number, mutant));
    }
    let mut finder = Finder { text, places, found: Vec::new(), functions: Vec::new(), constant: 0 };
    finder.visit_file(&file);
    Ok(finder.written())
}

/// What is put in at an offset: closings before openings, and of both the inner one next to its expression.
struct Insertion {
    at: usize,
    closes: bool,
    /// Bytes of what it stands around.
    width: usize,
    pieces: Vec<(String, Option<Number>)>,
}

struct Finder<'t> {
    text: &'t str,
    places: BTreeMap<(usize, usize), Vec<(Number, &'t Mutant)>>,
    found: Vec<Insertion>,
    functions: Vec<Range<usize>>,
    constant: usize,
}

impl<'t> Finder<'t> {
    /// The mutants of a place, of one genre.
    fn take(&mut self, range: &Range<usize>, genre: &str) -> Vec<(Number, &'t Mutant)> {
        if self.constant > 0 {
            return Vec::new();
        }
        let here = self.places.get(&(range.start, range.end)).into_iter().flatten();
        here.filter(|(_, mutant)| mutant.genre == genre).copied().collect()
    }

    /// `(if on(1) { … } else if on(2) { … } else { original })`
    fn around(&mut self, range: Range<usize>, choices: Vec<(Number, String)>) {
        if choices.is_empty() {
            return;
        }
        let mut pieces = vec![("(".to_owned(), None)];
        for (number, text) in choices {
            pieces.push((format!("if crate::mutant::on({number}) {{ {text} }} else "), Some(number)));
        }
        pieces.push(("{ ".to_owned(), None));
        let width = range.len();
        self.found.push(Insertion { at: range.start, closes: false, width, pieces });
        self.found.push(Insertion {
            at: range.end,
            closes: true,
            width,
            pieces: vec![(" })".to_owned(), None)],
        });
    }

    /// A field that is left to what stands behind `..`.
    fn left_out(&mut self, field: &syn::FieldValue, rest: &str) {
        let (whole, value) = (field.span().byte_range(), field.expr.span().byte_range());
        let syn::Member::Named(name) = &field.member else { return };
        // Whether the comma behind it belongs to its place or not.
        let ends =
            self.places.range((whole.start, whole.end)..(whole.start + 1, 0)).map(|((_, end), _)| *end);
        let all: Vec<_> = ends
            .collect::<Vec<_>>()
            .into_iter()
            .flat_map(|end| self.take(&(whole.start..end), "StructField"))
            .collect();
        let choices: Vec<(Number, String)> =
            all.iter().map(|(number, _)| (*number, format!("({rest}).{name}"))).collect();
        if field.colon_token.is_some() {
            self.around(value, choices);
        } else if let Some((number, other)) = choices.into_iter().next() {
            let text = format!(": if crate::mutant::on({number}) {{ {other} }} else {{ {name} }}");
            let pieces = vec![(text, Some(number))];
            self.found.push(Insertion { at: whole.end, closes: true, width: 0, pieces });
        }
    }

    fn of(&self, range: Range<usize>) -> &'t str {
        &self.text[range]
    }

    fn function(&mut self, sig: &syn::Signature, block: &syn::Block) {
        let whole = block.span().byte_range();
        self.functions.push(whole.clone());
        if !opaque(&sig.output) && sig.constness.is_none() {
            let inner = self.inner(block);
            let mut all = self.take(&whole, "FnValue");
            all.extend(self.take(&inner, "FnValue"));
            let pieces = all
                .into_iter()
                .map(|(number, mutant)| {
                    let value = &mutant.replacement;
                    (format!(" if crate::mutant::on({number}) {{ return {value}; }}"), Some(number))
                })
                .collect();
            self.found.push(Insertion { at: whole.start + 1, closes: false, width: usize::MAX, pieces });
        } else if let Some(syn::Stmt::Expr(last, None)) = block.stmts.last()
            && !returns(block)
        {
            // What it is at run time has one type, so an iterator without items is one of which none is taken.
            let inner = self.inner(block);
            let mut all = self.take(&whole, "FnValue");
            all.extend(self.take(&inner, "FnValue"));
            let empty = all.into_iter().filter(|(_, mutant)| mutant.replacement == "::std::iter::empty()");
            let range = last.span().byte_range();
            for (number, _) in empty {
                let take = format!(").take(if crate::mutant::on({number}) {{ 0 }} else {{ usize::MAX }})");
                let (width, at) = (range.len() + 1, range.start);
                let open = vec![("(".to_owned(), None)];
                self.found.push(Insertion { at, closes: false, width, pieces: open });
                let close = vec![(take, Some(number))];
                self.found.push(Insertion { at: range.end, closes: true, width, pieces: close });
            }
        }
        let constant = usize::from(sig.constness.is_some());
        self.constant += constant;
        visit::visit_block(self, block);
        self.constant -= constant;
    }

    /// What a block says, without its braces and comments.
    fn inner(&self, block: &syn::Block) -> Range<usize> {
        let all = block.stmts.iter().map(|each| each.span().byte_range());
        let start = all.clone().map(|each| each.start).min();
        start.unwrap_or(0)..all.map(|each| each.end).max().unwrap_or(0)
    }

    fn written(self) -> Instrumented {
        let Finder { text, mut found, functions, .. } = self;
        found.sort_by_key(|each| {
            let width = if each.closes { each.width } else { usize::MAX - each.width };
            (each.at, !each.closes, width)
        });
        let (mut out, mut pieces, mut formed, mut from) = (String::new(), Vec::new(), BTreeSet::new(), 0);
        // Where each offset of the original went.
        let mut moved = Vec::new();
        let mut own: Vec<(usize, Number)> = Vec::new();
        for each in &found {
            out.push_str(&text[from..each.at]);
            from = each.at;
            for (piece, number) in &each.pieces {
                let start = out.len();
                out.push_str(piece);
                if let Some(number) = number {
                    pieces.push((start..out.len(), *number));
                    own.push((each.at, *number));
                    formed.insert(*number);
                }
            }
            moved.push((each.at, out.len() - each.at));
        }
        out.push_str(&text[from..]);
        let shift = |at: usize| {
            at + moved.iter().take_while(|(place, _)| *place <= at).last().map_or(0, |(_, by)| *by)
        };
        let functions = functions
            .into_iter()
            .map(|range| {
                let inside =
                    own.iter().filter(|(at, _)| range.contains(at)).map(|(_, number)| *number).collect();
                (shift(range.start)..shift(range.end), inside)
            })
            .collect();
        Instrumented { text: out, pieces, functions, formed }
    }
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_fn(&mut self, each: &'ast syn::ItemFn) {
        self.function(&each.sig, &each.block);
    }

    fn visit_impl_item_fn(&mut self, each: &'ast syn::ImplItemFn) {
        self.function(&each.sig, &each.block);
    }

    fn visit_trait_item_fn(&mut self, each: &'ast syn::TraitItemFn) {
        if let Some(block) = &each.default {
            self.function(&each.sig, block);
        }
    }

    fn visit_item_const(&mut self, _: &'ast syn::ItemConst) {}

    fn visit_impl_item_const(&mut self, _: &'ast syn::ImplItemConst) {}

    fn visit_item_static(&mut self, _: &'ast syn::ItemStatic) {}

    fn visit_type(&mut self, _: &'ast syn::Type) {}

    fn visit_expr_repeat(&mut self, each: &'ast syn::ExprRepeat) {
        self.visit_expr(&each.expr);
    }

    fn visit_expr_binary(&mut self, each: &'ast syn::ExprBinary) {
        let joins = matches!(each.op, syn::BinOp::And(_));
        if !(joins && (binds(&each.left) || binds(&each.right))) {
            let (left, right) = (each.left.span().byte_range(), each.right.span().byte_range());
            let here = self.take(&each.op.span().byte_range(), "BinaryOperator");
            let choices = here
                .into_iter()
                .map(|(number, mutant)| {
                    let (a, b) = (self.of(left.clone()), self.of(right.clone()));
                    (number, format!("({a}) {} ({b})", mutant.replacement))
                })
                .collect();
            self.around(left.start..right.end, choices);
        }
        visit::visit_expr_binary(self, each);
    }

    fn visit_expr_unary(&mut self, each: &'ast syn::ExprUnary) {
        let inner = each.expr.span().byte_range();
        let op = each.op.span().byte_range();
        let here = self.take(&op, "UnaryOperator");
        let choices =
            here.into_iter().map(|(number, _)| (number, format!("({})", self.of(inner.clone())))).collect();
        self.around(op.start..inner.end, choices);
        visit::visit_expr_unary(self, each);
    }

    fn visit_expr_struct(&mut self, each: &'ast syn::ExprStruct) {
        if let Some(rest) = &each.rest {
            let rest = self.of(rest.span().byte_range());
            for field in &each.fields {
                self.left_out(field, rest);
            }
        }
        visit::visit_expr_struct(self, each);
    }

    fn visit_arm(&mut self, each: &'ast syn::Arm) {
        let whole = each.span().byte_range();
        let mut gone: Vec<Number> = Vec::new();
        let comma = each.comma.map_or(whole.end, |comma| comma.span().byte_range().start);
        for end in BTreeSet::from([whole.end, comma]) {
            gone.extend(self.take(&(whole.start..end), "MatchArm").into_iter().map(|(number, _)| number));
        }
        let off = |number: &Number| format!("!crate::mutant::on({number}) && ");
        match &each.guard {
            None if gone.is_empty() => {}
            None => {
                let at = each.pat.span().byte_range().end;
                let mut pieces = vec![(" if ".to_owned(), None)];
                pieces.extend(gone.iter().map(|number| (off(number), Some(*number))));
                pieces.push(("true".to_owned(), None));
                self.found.push(Insertion { at, closes: true, width: usize::MAX, pieces });
            }
            Some((_, guard)) => {
                let range = guard.span().byte_range();
                if !gone.is_empty() && !binds(guard) {
                    let mut pieces: Vec<_> = gone.iter().map(|number| (off(number), Some(*number))).collect();
                    pieces.push(("(".to_owned(), None));
                    let width = range.len() + 1;
                    self.found.push(Insertion { at: range.start, closes: false, width, pieces });
                    let pieces = vec![(")".to_owned(), None)];
                    self.found.push(Insertion { at: range.end, closes: true, width, pieces });
                }
                if !binds(guard) {
                    let here = self.take(&range, "MatchArmGuard");
                    let choices =
                        here.into_iter().map(|(number, mutant)| (number, mutant.replacement.clone()));
                    let choices = choices.collect();
                    self.around(range, choices);
                }
            }
        }
        visit::visit_arm(self, each);
    }

    fn visit_pat(&mut self, _: &'ast syn::Pat) {}
}

/// Whether a return type leaves it to the body which type it is.
fn opaque(output: &syn::ReturnType) -> bool {
    struct Seen(bool);
    impl<'ast> Visit<'ast> for Seen {
        fn visit_type_impl_trait(&mut self, _: &'ast syn::TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut seen = Seen(false);
    seen.visit_return_type(output);
    seen.0
}

/// Whether a body says `return` somewhere.
fn returns(block: &syn::Block) -> bool {
    struct Seen(bool);
    impl<'ast> Visit<'ast> for Seen {
        fn visit_expr_return(&mut self, _: &'ast syn::ExprReturn) {
            self.0 = true;
        }
    }
    let mut seen = Seen(false);
    seen.visit_block(block);
    seen.0
}

/// Whether an operand of `&&` is a `let`, which no parentheses may stand around.
fn binds(each: &syn::Expr) -> bool {
    match each {
        syn::Expr::Let(_) => true,
        syn::Expr::Binary(inner) if matches!(inner.op, syn::BinOp::And(_)) => {
            binds(&inner.left) || binds(&inner.right)
        }
        _ => false,
    }
}
