//! x
#[test]
fn scratch() {
    let file = std::fs::read_to_string("/tmp/fmt.txt").unwrap();
    for text in file.split("\n---\n") {
        println!("{text}\n=>\n{}", super::show(text));let d=crate::syntax::parse(crate::ids::Id::from_raw(0),text,&mut crate::diagnostic::Diagnostics::new()).unwrap(); println!("PP\n{}",crate::syntax::print::print(text,&d));
    }
}
