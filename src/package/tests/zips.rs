//! Zips that others made, some of them in bad faith.

use super::*;

/// A zip as another tool may have made it.
fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in entries {
        zip.start_file(*name, SimpleFileOptions::DEFAULT).unwrap();
        zip.write_all(text).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Replaces the same number of bytes wherever they stand.
fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let places: Vec<_> = (0..bytes.len() + 1 - from.len())
        .filter(|&at| bytes[at..].starts_with(from))
        .collect();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

fn read(bytes: &[u8]) -> Result<(Listing, Packed), Vec<String>> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("x.zip");
    fs::write(&path, bytes).unwrap();
    let cache = Cache::at(dir.path().join("cache"));
    let shown = path.display().to_string();
    let result = read_zip(&path, &cache);
    if result.is_ok() {
        assert_eq!(result, read_zip(&path, &cache), "from the cache");
    }
    result.map_err(|problems| {
        let texts = problems.iter().map(|p| p.to_string().replace(&shown, "Z"));
        texts.collect()
    })
}

#[test]
fn a_zip_of_ours_reads_as_the_folder() {
    let (dir, folder) = folder(&[("a", "1"), ("ü/b", "2")]);
    put(dir.path(), "run", b"#!", 0o755);
    let listing = list(&folder, &Cache::none()).unwrap();
    let packed = packed(&folder);
    assert_eq!(read(&packed.bytes), Ok((listing, packed)));
}

#[test]
fn folders_in_a_zip_are_no_files() {
    let bytes = zip(&[("d/", b""), ("d/a", b"1")]);
    let (listing, packed) = read(&bytes).unwrap();
    assert_eq!(listing.files.into_keys().collect::<Vec<_>>(), ["d/a"]);
    assert_eq!(packed.bytes, bytes);
    assert_eq!(
        read(&zip(&[("d/", b"")])).unwrap_err(),
        ["nothing to pack in `Z`: the zip holds no file; build it again"]
    );
}

#[test]
fn bad_names_in_a_zip_are_all_refused() {
    let bytes = zip(&[
        ("1/evil", b""),
        ("2abs", b""),
        ("3\x07", b""),
        ("aa", b""),
        ("ab", b""),
    ]);
    let bytes = replaced(&bytes, b"1/evil", b"../vil");
    let bytes = replaced(&bytes, b"2abs", b"/abs");
    let bytes = replaced(&bytes, b"ab", b"aa");
    let path = "which is not a plain relative path (absolute, `..`, `\\` or control characters)";
    let told = read(&bytes).unwrap_err();
    assert_eq!(told.len(), 4, "{told:?}");
    assert!(told[0].contains("`../vil`") && told[0].contains(path));
    assert!(told[1].contains("`/aas`") && told[1].contains(path));
    assert!(told[2].contains(r"`3\u{7}`") && told[2].contains(path));
    assert!(told[3].contains("`aa`, which occurs twice"));
}

#[test]
fn a_zip_that_lies_about_its_size_is_refused() {
    let bytes = zip(&[("bomb", &[0; 4321])]);
    let size = 4321u32.to_le_bytes();
    let smaller = replaced(&bytes, &size, &4320u32.to_le_bytes());
    let told = read(&smaller).unwrap_err();
    assert!(
        told[0].contains("larger than its declared uncompressed size"),
        "{told:?}"
    );
    let huge = replaced(&bytes, &size, &0xf000_0000u32.to_le_bytes());
    let told = read(&huge).unwrap_err();
    assert!(
        told[0].contains("holds 4026531840 bytes unpacked"),
        "{told:?}"
    );
}

#[test]
fn a_damaged_zip_is_refused() {
    let text: Vec<u8> = (0..200u8).collect();
    let bytes = zip(&[("a", &text)]);
    for damaged in [
        &b""[..],
        b"no zip at all",
        &bytes[..bytes.len() - 9],
        &bytes[30..],
        &replaced(&bytes, &text[20..30], &[7; 10]),
    ] {
        let told = read(damaged).unwrap_err();
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].ends_with("build it again") || told[0].ends_with("without it"));
    }
    let dir = tempfile::tempdir().unwrap();
    for path in [dir.path().to_path_buf(), dir.path().join("gone")] {
        let told = read_zip(&path, &Cache::none()).unwrap_err();
        assert!(matches!(told[..], [PackageError::Zip { .. }]), "{told:?}");
    }
}

proptest! {
    /// Whatever the bytes, an answer and no panic.
    #[test]
    fn any_bytes_are_read_without_panic(at in 0usize..300, byte: u8, cut in 0usize..300) {
        let mut bytes = zip(&[("a", b"1234567890"), ("b/c", &[7; 90])]);
        if let Some(place) = bytes.get_mut(at) {
            *place = byte;
        }
        bytes.truncate(bytes.len().saturating_sub(cut.saturating_sub(200)));
        let _ = read(&bytes);
    }
}
