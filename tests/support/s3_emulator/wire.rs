//! XML in and out: a tree of elements, namespaces left out.
//!
//! In: the body of a request. Out: [`Element`]. And back: [`element`] and [`text`] make the body of an answer.
//! The order of elements says nothing: the SDKs differ in it.

use quick_xml::Reader;
use quick_xml::escape::{escape, unescape};
use quick_xml::events::Event;

use super::error::{Answer, Refusal, invalid_request};

/// An element with what it holds.
#[derive(Debug, Default)]
pub(crate) struct Element {
    name: String,
    text: String,
    inner: Vec<Element>,
}

fn malformed() -> Refusal {
    Refusal {
        status: 400,
        code: "MalformedXML",
        message: "The XML you provided was not well-formed or did not validate against our published schema"
            .to_owned(),
    }
}

impl Element {
    /// The root of a document, which must have the name.
    pub(crate) fn parse(body: &[u8], root: &str) -> Answer<Element> {
        let body = std::str::from_utf8(body).map_err(|_| malformed())?;
        let mut reader = Reader::from_str(body);
        reader.config_mut().expand_empty_elements = true;
        let mut open = vec![Element::default()];
        loop {
            match reader.read_event().map_err(|_| malformed())? {
                Event::Start(start) => {
                    let name = start.local_name().into_inner().to_owned();
                    open.push(Element { name, ..Element::default() });
                }
                Event::End(_) => {
                    let mut done = open.pop().ok_or_else(malformed)?;
                    done.text = unescape(&done.text).map_err(|_| malformed())?.into_owned();
                    open.last_mut().ok_or_else(malformed)?.inner.push(done);
                }
                Event::Text(text) => open.last_mut().ok_or_else(malformed)?.text.push_str(&text.into_inner()),
                // As it stood: what is escaped is read when the element ends.
                Event::GeneralRef(name) => {
                    let text = format!("&{};", name.into_inner());
                    open.last_mut().ok_or_else(malformed)?.text.push_str(&text);
                }
                Event::Eof => break,
                Event::Decl(_) | Event::Comment(_) => {}
                Event::Empty(_) | Event::CData(_) | Event::PI(_) | Event::DocType(_) => {
                    return Err(malformed());
                }
            }
        }
        let [document] = <[Element; 1]>::try_from(open).map_err(|_| malformed())?;
        document.inner.into_iter().find(|each| each.name == root).ok_or_else(malformed)
    }

    /// The element inside.
    pub(crate) fn get(&self, name: &str) -> Option<&Element> {
        self.inner.iter().find(|each| each.name == name)
    }

    /// Its text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name).map(|each| each.text.as_str())
    }

    /// Its text, which must be there.
    pub(crate) fn needed(&self, name: &str) -> Answer<&str> {
        self.text(name).ok_or_else(|| invalid_request(format!("{name} is missing")))
    }

    /// `<Tags><Tag><Key/><Value/></Tag>…</Tags>`.
    pub(crate) fn tags(&self) -> Answer<Vec<(String, String)>> {
        let tags = self.get("Tags").map(|tags| tags.inner.as_slice()).unwrap_or_default();
        tags.iter().map(|tag| Ok((tag.needed("Key")?.to_owned(), tag.needed("Value")?.to_owned()))).collect()
    }
}

/// An element around XML.
pub(crate) fn element(name: &str, inner: &str) -> String {
    format!("<{name}>{inner}</{name}>")
}

/// An element around text.
pub(crate) fn text(name: &str, text: &str) -> String {
    element(name, &escape(text))
}

/// An element around text, if there is one.
pub(crate) fn optional(name: &str, of: Option<&str>) -> String {
    of.map(|of| text(name, of)).unwrap_or_default()
}

/// The tags, as ListTagsForResource answers them.
pub(crate) fn tags(tags: &[(String, String)]) -> String {
    let tag = |(key, value): &(String, String)| element("Tag", &(text("Key", key) + &text("Value", value)));
    element("Tags", &tags.iter().map(tag).collect::<String>())
}

/// The document of an error.
pub(crate) fn error(refusal: &Refusal, request: &str) -> String {
    let told = element("Error", &(text("Code", refusal.code) + &text("Message", &refusal.message)));
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ErrorResponse xmlns=\"http://awss3control.amazonaws.com/doc/2018-08-20/\">{told}{}{}</ErrorResponse>",
        text("RequestId", request),
        text("HostId", "emulator")
    )
}
