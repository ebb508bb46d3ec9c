//! x
#[test]
fn scratch() {
    let file = std::fs::read_to_string("/tmp/bad.txt").unwrap();
    for text in file.split("\n---\n") {
        println!("{text}\n=> {}", super::show(text));
    }
}
