#![no_main]
//! Names of tiles, and bundles of entries.
use kbtf_history::tile::{TileId, bundle_bytes, read_bundle};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, &[u8], u16)| {
    let (name, bytes, width) = input;
    if let Ok(id) = name.parse::<TileId>() {
        assert_eq!(id.to_string(), name);
        if let Some(last) = id.nodes().last() {
            assert!(TileId::of_node(last, u64::MAX).is_some());
        }
    }
    if let Ok(id) = TileId::new(0, 0, width)
        && let Ok(entries) = read_bundle(id, bytes)
    {
        assert_eq!(bundle_bytes(entries).expect("they were read"), bytes);
    }
});
