//! Prints what the cryptosuites with RDF sign: for each line of standard input, a JSON-LD document, its statements in
//! canonical form as a JSON string, or what hinders it.
//!
//! `cargo run -p kbtf-vc --features rdfc --example canonical_form -- [--sha384] [URL=FILE ...]`, the files being further
//! contexts.

use std::{
    env,
    error::Error,
    fs,
    io::{self, BufRead as _, Write as _},
};

use kbtf_did::{SOFTWARE, json};
use kbtf_vc::rdfc::{Contexts, GraphHash, canonical_form};

fn main() -> Result<(), Box<dyn Error>> {
    let mut contexts = Contexts::new();
    let mut hash = GraphHash::Sha256;
    for argument in env::args().skip(1) {
        match argument.split_once('=') {
            Some((url, file)) => contexts.add(url, &fs::read(file)?)?,
            None if argument == "--sha384" => hash = GraphHash::Sha384,
            None => return Err(format!("{argument}: expected URL=FILE or --sha384").into()),
        }
    }
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let answer = match json::parse(&line) {
            Ok(json::Value::Object(document)) => {
                // Whoever asks for the form of a document has chosen its contexts.
                if let Some(list) = document.get("@context") {
                    let urls = list.as_set().iter().map(json::Value::as_str);
                    contexts.accept(&urls.collect::<Option<Vec<_>>>().unwrap_or_default());
                }
                match canonical_form(&document, &["proof"], &contexts, hash, &SOFTWARE) {
                    Ok(canonical) => canonical,
                    Err(error) => format!("{}: {error}", error.code()),
                }
            }
            Ok(_) => "expected an object".to_owned(),
            Err(error) => error.to_string(),
        };
        writeln!(out, "{}", json::Value::from(answer).to_json())?;
    }
    Ok(())
}
