//! The cache spares work and hides nothing.

use super::*;

#[test]
fn unchanged_files_are_not_read_again() {
    let (dir, folder) = folder(&[("a", "1")]);
    let cache_dir = tempfile::tempdir().unwrap();
    let cache = later(cache_dir.path());
    let mut known = Known::of(&folder.root);
    let stamp = Stamp::of(&fs::metadata(dir.path().join("a")).unwrap());
    known.add("a", stamp, "from the cache", i64::MAX);
    cache.learn(&folder, known);
    cache.save();
    let digest = |cache: &Cache| list(&folder, cache).unwrap().files["a"].digest.clone();
    assert_eq!(digest(&later(cache_dir.path())), "from the cache");
    put(dir.path(), "a", b"2", 0o644);
    assert_eq!(digest(&later(cache_dir.path())), digest(&Cache::none()));
}

#[test]
fn a_young_file_is_not_remembered() {
    let (_dir, folder) = folder(&[("a", "1")]);
    let cache_dir = tempfile::tempdir().unwrap();
    let cache = Cache::at(cache_dir.path().to_path_buf()).with_clock(|| 0);
    list(&folder, &cache).unwrap();
    assert_eq!(*cache.known(&folder), Known::of(&folder.root));
}

#[test]
fn unchanged_folders_are_not_packed_again() {
    let (_dir, folder) = folder(&[("a", "1")]);
    let cache_dir = tempfile::tempdir().unwrap();
    let cache = Cache::at(cache_dir.path().to_path_buf());
    let listing = list(&folder, &cache).unwrap();
    assert_eq!(cache.zip(&listing.digest), None);
    let fresh = pack(&folder, &listing, &cache).unwrap();
    cache.save();
    let again = Cache::at(cache_dir.path().to_path_buf());
    assert_eq!(again.zip(&listing.digest).as_ref(), Some(&fresh));
    assert_eq!(pack(&folder, &listing, &again).unwrap(), fresh);
    assert_eq!(packed(&folder), fresh);
}

#[test]
fn threads_may_share_a_cache() {
    let cache_dir = tempfile::tempdir().unwrap();
    let cache = later(cache_dir.path());
    let folders: Vec<_> = (0..4).map(|_| folder(&[("a", "1"), ("b", "2")])).collect();
    let digests: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = folders
            .iter()
            .map(|(_, folder)| scope.spawn(|| list(folder, &cache).unwrap().digest))
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert!(digests.iter().all(|digest| *digest == digests[0]));
    cache.save();
    let read = Cache::at(cache_dir.path().to_path_buf());
    for (_, folder) in &folders {
        assert_eq!(read.known(folder), cache.known(folder));
        assert_ne!(*read.known(folder), Known::of(&folder.root));
    }
}

#[test]
fn pack_refuses_what_changed() {
    let (dir, folder) = folder(&[("a", "1"), ("b", "2")]);
    let cache_dir = tempfile::tempdir().unwrap();
    let listing = list(&folder, &Cache::none()).unwrap();
    // Neither a cached zip nor cached digests hide a change.
    let warm = later(cache_dir.path());
    assert_eq!(list(&folder, &warm).unwrap(), listing);
    pack(&folder, &listing, &warm).unwrap();
    for cache in [&Cache::none(), &warm] {
        let refused = |reason: &str| {
            let error = pack(&folder, &listing, cache).unwrap_err();
            let path = dir.path().join("a").display().to_string();
            let reason = reason.to_string();
            match error {
                PackageError::Changed { path: p, reason: r } => assert_eq!((p, r), (path, reason)),
                other => panic!("{other}"),
            }
        };
        put(dir.path(), "a", b"x", 0o644);
        refused("its contents differ");
        put(dir.path(), "a", b"12", 0o644);
        refused("its size differs");
        put(dir.path(), "a", b"1", 0o755);
        refused("its executable bit differs");
        fs::remove_file(dir.path().join("a")).unwrap();
        let error = pack(&folder, &listing, cache).unwrap_err();
        assert!(matches!(error, PackageError::Unreadable { .. }), "{error}");
        put(dir.path(), "a", b"1", 0o644);
        pack(&folder, &listing, cache).unwrap();
    }
}

#[test]
fn a_forged_listing_is_not_followed() {
    let (dir, folder) = folder(&[("in/a", "1")]);
    put(dir.path(), "secret", b"s", 0o644);
    let inside = Folder {
        root: dir.path().join("in"),
        ..folder
    };
    let entry = list(&inside, &Cache::none()).unwrap().files["a"].clone();
    let listing = Listing::of([("../secret".to_string(), entry.clone())].into());
    let error = pack(&inside, &listing, &Cache::none()).unwrap_err();
    assert!(matches!(error, PackageError::BadName { .. }), "{error}");

    let huge = Entry {
        size: u64::MAX,
        ..entry
    };
    let listing = Listing::of([("a".into(), huge.clone()), ("b".into(), huge)].into());
    let error = pack(&inside, &listing, &Cache::none()).unwrap_err();
    assert!(matches!(error, PackageError::TooLarge { .. }), "{error}");
}
