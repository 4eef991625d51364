//! Documents in XML: what is told apart and what is not, what is refused; and roxmltree as an independent judge of everything
//! that is read: the same elements, attributes and texts, with their namespaces.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::{collections::BTreeMap, fmt::Write as _};

use kbtf_authenticity::{Document, DocumentKey, Error};
use kbtf_did::{
    SOFTWARE,
    json::{Object, Value},
};
use kbtf_history::Commitment;
use proptest::prelude::*;

fn read(text: &str) -> Result<Document<'static>, Error> {
    Document::from_xml("application/xml", text.as_bytes())
}

fn commit(text: &str) -> Commitment {
    let key = DocumentKey::from_bytes([7; 32]);
    read(text).unwrap().commit(&key, &SOFTWARE).unwrap()
}

#[test]
fn what_is_written_otherwise_is_the_same() {
    let text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<p:a xmlns:p=\"urn:n\" x=\"1\" y=\"&lt;\">가\n<b/>]]&gt;</p:a>";
    let registered = commit(text);
    for same in [
        text.replace('\n', "\r\n"),
        text.replace('"', "'"),
        text.replace("x=\"1\" y=\"&lt;\"", "y = \"&#60;\"   x=\"&#x31;\""),
        text.replace("가", "&#xAC00;"),
        text.replace("가", "<![CDATA[가]]>"),
        text.replace("<b/>", "<b></b >"),
        text.replacen(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
            "\u{feff}",
            1,
        ),
        text.replace("UTF-8", "utf-8"),
        text.replace("?>", " standalone='yes' ?>"),
        format!("{text}\n \n"),
    ] {
        assert_ne!(same, text);
        assert_eq!(commit(&same), registered, "{same}");
    }
}

#[test]
fn any_other_is_another() {
    let text = "<p:a xmlns:p=\"urn:n\" x=\"1\">b <c/><!--d--><?e f?><c y=\"p:q\"/></p:a>";
    let registered = commit(text);
    for other in [
        text.replace("urn:n", "urn:m"),
        text.replace("p:a", "q:a").replace("xmlns:p", "xmlns:q"),
        text.replace("x=\"1\"", "x=\"1 \""),
        text.replace("x=\"1\"", "z=\"1\""),
        text.replace(" x=\"1\"", ""),
        text.replace("b <", "b<"),
        text.replace("b ", ""),
        text.replace("<c/>", "<c> </c>"),
        text.replace("<c/>", ""),
        text.replace("<c/><!--d-->", "<!--d--><c/>"),
        text.replace("<!--d-->", "<!-- d-->"),
        text.replace("<?e f?>", "<?e g?>"),
        text.replace("<?e f?>", "<!--e f-->"),
        text.replace("<c/><!--d-->", "<c><!--d--></c>"),
        // What a prefix in a value stands for is another thing if it is declared anew.
        text.replace("<c y", "<c xmlns:p=\"urn:o\" y"),
        text.replace("<c/>", "<c xmlns=\"\"/>"),
        text.replace("<c/>", "<p:c/>"),
        format!("<!--g-->{text}"),
    ] {
        assert_ne!(other, text);
        assert_ne!(commit(&other), registered, "{other}");
    }
    // An element is not the text or the structure that it is written as.
    assert_ne!(commit("<a>x</a>"), commit("<a><x/></a>"));
    assert_ne!(
        commit("<a><!--x--></a>"),
        commit("<a><comment>x</comment></a>")
    );
    assert_ne!(commit("<a>&amp;lt;</a>"), commit("<a>&lt;</a>"));
}

#[test]
fn what_is_not_xml_or_could_be_two_is_refused_with_its_line() {
    let refused = [
        "",
        " ",
        "text",
        "<a>",
        "</a>",
        "<a/><b/>",
        "<a></b>",
        "<a/>x",
        "x<a/>",
        "<a",
        "<a ",
        "<a x",
        "<a x=",
        "<a x='",
        "<a x='1'",
        "<a x='1'y='2'/>",
        "<a x='1' x='2'/>",
        "<a x=1/>",
        "<a x='<'/>",
        "< a/>",
        "<a / >",
        "<1/>",
        "<-a/>",
        "<a:/>",
        "<:a/>",
        "<a:b:c xmlns:a='u'/>",
        "<p:a/>",
        "<a p:x='1'/>",
        "<a xmlns:p=''/>",
        "<a xmlns:xmlns='u'/>",
        "<a xmlns:xml='u'/>",
        "<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>",
        "<a xmlns='http://www.w3.org/2000/xmlns/'/>",
        "<a xmlns:p='u' xmlns:q='u' p:x='1' q:x='2'/>",
        "<a xmlns:p='u'/><!-- -- -->",
        "<xmlns:a/>",
        "<a><p:b xmlns:p='u'/><p:c/></a>",
        "<a>&b;</a>",
        "<a>&amp</a>",
        "<a>&</a>",
        "<a>&#0;</a>",
        "<a>&#xD800;</a>",
        "<a>&#x110000;</a>",
        "<a>&#x;</a>",
        "<a>&#+1;</a>",
        "<a>&#xFFFE;</a>",
        "<a>\u{1}</a>",
        "<a>\u{fffe}</a>",
        "<a>]]></a>",
        "<a><!-- -- --></a>",
        "<a><!--x</a>",
        "<a><!--x---></a>",
        "<a><?xml x?></a>",
        "<a><?XML x?></a>",
        "<a><?b</a>",
        "<a><?b:c x?></a>",
        "<a><![CDATA[x</a>",
        "<![CDATA[x]]><a/>",
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        "<a><!DOCTYPE b></a>",
        "<?xml version='1.1'?><a/>",
        "<?xml version='1.0' encoding='EUC-KR'?><a/>",
        "<?xml?><a/>",
        "<?xml encoding='UTF-8'?><a/>",
        "<?xml version='1.0' standalone='maybe'?><a/>",
        " <?xml version='1.0'?><a/>",
        "<?xml version='1.0' standalone='yes' encoding='UTF-8'?><a/>",
        "<?xml version='1.0' version='1.0'?><a/>",
        "<?xml version='1.0'encoding='UTF-8'?><a/>",
        "\u{feff}\u{feff}<a/>",
        "<a\u{a0}/>",
        "<a><?b?c?></a>",
    ];
    for text in refused {
        let error = read(text).expect_err(text);
        assert_eq!(error.code(), "authenticity/xml", "{text}");
    }
    let error = read("<a>\n<b>\n</c>\n</a>").unwrap_err();
    assert_eq!(
        error.to_string(),
        "line 3: expected the end of the element that is open"
    );
    let error = Document::from_xml("application/xml", b"<a>\xff</a>").unwrap_err();
    assert_eq!(error.code(), "authenticity/malformed");
    let deep = |levels: usize| "<a>".repeat(levels) + &"</a>".repeat(levels);
    assert!(read(&deep(30)).is_ok());
    assert_eq!(read(&deep(31)).unwrap_err().code(), "authenticity/xml");
    assert_eq!(
        read(&"<a>".repeat(1_000_000)).unwrap_err().code(),
        "authenticity/xml"
    );
}

/// Texts that take readers with less care very long: many attributes, many declarations, long names of namespaces that are
/// compared again and again. Here they are read in a time that grows with their length; the test is that it ends.
#[test]
fn work_grows_with_the_length() {
    let mut many = String::from("<a");
    for n in 0..100_000 {
        write!(many, " a{n}='{n}'").unwrap();
    }
    many.push_str("/>");
    assert!(read(&many).is_ok());
    let long = "u".repeat(1 << 20);
    let mut namespaces = format!("<a xmlns:p='{long}'");
    for n in 0..100_000 {
        write!(namespaces, " p:a{n}=''").unwrap();
    }
    namespaces.push_str("/>");
    assert!(read(&namespaces).is_ok());
    let mut declared = String::from("<a");
    for n in 0..50_000 {
        write!(declared, " xmlns:p{n}='u{n}' p{n}:x=''").unwrap();
    }
    declared.push_str("/>");
    assert!(read(&declared).is_ok());
    let deep = format!(
        "<a xmlns:p='u'>{}</a>",
        "<p:b xmlns:p='v'/>&amp;".repeat(100_000)
    );
    assert!(read(&deep).is_ok());
}

type Scope = BTreeMap<String, String>;

/// A name with its namespace, looked up in the plainest way.
fn expanded(name: &str, scope: &Scope, is_attribute: bool) -> String {
    match name.split_once(':') {
        Some(("xml", local)) => format!("{{http://www.w3.org/XML/1998/namespace}}{local}"),
        Some((prefix, local)) => format!("{{{}}}{local}", scope[prefix]),
        None if is_attribute => name.into(),
        None => match scope.get("").map(String::as_str) {
            None | Some("") => name.into(),
            Some(namespace) => format!("{{{namespace}}}{name}"),
        },
    }
}

/// What we have read, written in a form of the test's own.
fn ours(object: &Object<'_>, scope: &Scope, out: &mut String) {
    if let Some(comment) = object.get_str("comment") {
        return write!(out, "<!{comment:?}>").unwrap();
    }
    if let Some(target) = object.get_str("instruction") {
        return write!(out, "<?{target} {:?}>", object.get_str("content").unwrap()).unwrap();
    }
    let mut inner = scope.clone();
    let attributes = object.get("attributes").and_then(Value::as_object);
    let mut plain = Vec::new();
    for (name, value) in attributes.into_iter().flat_map(Object::iter) {
        let value = value.as_str().unwrap().to_owned();
        match name.strip_prefix("xmlns") {
            Some("") => drop(inner.insert(String::new(), value)),
            Some(prefix) if prefix.starts_with(':') => {
                drop(inner.insert(prefix[1..].into(), value))
            }
            _ => plain.push((name, value)),
        }
    }
    let mut named: Vec<String> = plain
        .iter()
        .map(|(name, value)| format!(" {}={value:?}", expanded(name, &inner, true)))
        .collect();
    named.sort();
    if let Some(name) = object.get_str("name") {
        write!(out, "<{}{}>", expanded(name, &inner, false), named.concat()).unwrap();
    }
    for child in object
        .get("children")
        .and_then(Value::as_array)
        .unwrap_or_default()
    {
        match child {
            Value::String(text) => write!(out, "{text:?}").unwrap(),
            Value::Object(object) => ours(object, &inner, out),
            other => panic!("{other:?}"),
        }
    }
    out.push_str("</>");
}

/// What roxmltree has read, in the same form.
fn theirs(node: roxmltree::Node<'_, '_>, out: &mut String) {
    if node.is_comment() {
        return write!(out, "<!{:?}>", node.text().unwrap()).unwrap();
    }
    if let Some(instruction) = node.pi() {
        return write!(
            out,
            "<?{} {:?}>",
            instruction.target,
            instruction.value.unwrap_or_default()
        )
        .unwrap();
    }
    let name = |namespace: Option<&str>, local: &str| match namespace {
        None | Some("") => local.to_owned(),
        Some(namespace) => format!("{{{namespace}}}{local}"),
    };
    if node.is_element() {
        let mut named: Vec<String> = node
            .attributes()
            .map(|attribute| {
                format!(
                    " {}={:?}",
                    name(attribute.namespace(), attribute.name()),
                    attribute.value()
                )
            })
            .collect();
        named.sort();
        let tag = node.tag_name();
        write!(
            out,
            "<{}{}>",
            name(tag.namespace(), tag.name()),
            named.concat()
        )
        .unwrap();
    }
    let mut text = String::new();
    for child in node.children() {
        if child.is_text() {
            text.push_str(child.text().unwrap());
            continue;
        }
        if !text.is_empty() {
            write!(out, "{text:?}").unwrap();
            text.clear();
        }
        theirs(child, out);
    }
    if !text.is_empty() {
        write!(out, "{text:?}").unwrap();
    }
    out.push_str("</>");
}

/// Whatever we read, roxmltree reads in the same way.
fn compare(text: &str) -> Result<bool, TestCaseError> {
    let Ok(document) = read(text) else {
        return Ok(false);
    };
    // roxmltree leaves some carriage returns as they are, in instructions and before references: section 2.11 lets line ends
    // be made the same before anything is read.
    let text = &text.replace("\r\n", "\n").replace('\r', "\n");
    let other = roxmltree::Document::parse(text);
    let other = other.map_err(|error| TestCaseError::fail(format!("{text:?}: {error}")))?;
    let (mut one, mut two) = (String::new(), String::new());
    ours(
        document.value().as_object().unwrap(),
        &Scope::new(),
        &mut one,
    );
    theirs(other.root(), &mut two);
    prop_assert_eq!(one, two, "{:?}", text);
    Ok(true)
}

/// Documents that are nearly always well-formed.
fn documents() -> impl Strategy<Value = String> {
    let name = prop_oneof![Just("a"), Just("b"), Just("p:a"), Just("q:b"), Just("가-1")];
    let attribute = prop_oneof![
        Just(" x='1'"),
        Just(" y=\"&#10;\t&lt;\n\""),
        Just(" xmlns:p='u'"),
        Just(" xmlns:q=\"u\""),
        Just(" xmlns='v'"),
        Just(" xmlns=''"),
        Just(" p:x='2'"),
        Just(" q:x='3'"),
        Just(" xml:lang='ko'"),
        Just(" xmlns:p='w'"),
        Just("\r\n z = 'a\r\nb'"),
    ];
    let leaf = prop_oneof![
        Just("text".to_owned()),
        Just("&amp;&#xAC00;".to_owned()),
        Just("\r\n \r".to_owned()),
        Just("<![CDATA[<&]]>".to_owned()),
        Just("<!-- c -->".to_owned()),
        Just("<?t  u ?>".to_owned()),
        Just("<?t?>".to_owned()),
        Just("&#13;".to_owned()),
        Just("]]&gt;".to_owned()),
    ];
    let element = |name: &str, attributes: Vec<&str>, inner: String| {
        let mut unique = Vec::new();
        for attribute in attributes {
            let key = attribute.split('=').next().unwrap().trim().to_owned();
            if !unique.iter().any(|(known, _)| *known == key) {
                unique.push((key, attribute));
            }
        }
        let attributes: String = unique.into_iter().map(|(_, attribute)| attribute).collect();
        format!("<{name}{attributes}>{inner}</{name}>")
    };
    let attributes = prop::collection::vec(attribute, 0..5);
    leaf.prop_recursive(4, 24, 4, move |inner| {
        (
            name.clone(),
            attributes.clone(),
            prop::collection::vec(inner, 0..4),
        )
            .prop_map(move |(name, attributes, inner)| element(name, attributes, inner.concat()))
    })
    .prop_map(|inner| format!("<root xmlns:p='u' xmlns:q='r'>{inner}</root>"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn roxmltree_reads_the_same(text in documents()) {
        compare(&text)?;
    }

    /// With something in it changed.
    #[test]
    fn roxmltree_reads_the_same_of_broken_ones(
        text in documents(), at: prop::sample::Index, cut in 0_usize..3, put in "[<>&;'\"/=!?\\[\\]a:x #\r\n-]{0,3}"
    ) {
        let places: Vec<usize> = text.char_indices().map(|(place, _)| place).collect();
        let place = at.get(&places);
        let rest: String = text[*place..].chars().skip(cut).collect();
        compare(&format!("{}{put}{rest}", &text[..*place]))?;
    }

    #[test]
    fn any_text_is_refused_or_read_alike(text in "<a>[<>&;'\"/=!?a-c:x #\r\n-]{0,40}</a>") {
        compare(&text)?;
    }
}

/// Most of what is made is read, so that the comparison says something.
#[test]
fn most_documents_are_read() {
    use proptest::{strategy::ValueTree as _, test_runner::TestRunner};
    let mut runner = TestRunner::deterministic();
    let strategy = documents();
    let count = (0..500)
        .filter(|_| {
            let text = strategy.new_tree(&mut runner).unwrap().current();
            compare(&text).unwrap()
        })
        .count();
    assert!(count > 300, "{count}");
}
