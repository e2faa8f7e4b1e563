//! The boundaries that ARCHITECTURE.md draws, checked in manifests and sources.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot read the repository has failed"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Source files below `within`, except those below one of `except`, must not contain `forbidden`.
struct SourceRule {
    within: &'static [&'static str],
    except: &'static [&'static str],
    forbidden: &'static [&'static str],
    why: &'static str,
}

const SOURCE_RULES: &[SourceRule] = &[
    SourceRule {
        within: &["crates", "src-tauri", "tests", "xtask/src"],
        except: &["crates/engine/src/store", "crates/engine/src/store.rs"],
        forbidden: &["sqlx::"],
        why: "only the engine's store knows what the database is",
    },
    SourceRule {
        within: &["crates", "tests", "xtask/src"],
        except: &[],
        forbidden: &["tauri::", "tauri_plugin", "tauri_build"],
        why: "only src-tauri knows Tauri; everything else also runs without a window",
    },
    SourceRule {
        within: &["ui/src"],
        except: &["ui/src/lib/host"],
        forbidden: &["@tauri-apps/"],
        why: "pages work in a browser too; what differs is behind the host",
    },
    SourceRule {
        within: &["crates/engine/src/sources"],
        except: &[],
        forbidden: &[
            "crate::store",
            "crate::recorder",
            "crate::history",
            "super::super::",
        ],
        why: "a source only delivers readings; lib.rs alone wires it to what keeps them",
    },
    SourceRule {
        within: &["crates/engine/src/store", "crates/engine/src/store.rs"],
        except: &[],
        forbidden: &["crate::sources", "crate::recorder", "crate::live"],
        why: "the store keeps what it is given; lib.rs alone wires it to the rest",
    },
    SourceRule {
        within: &["crates/domain/src"],
        except: &[],
        forbidden: &[
            "now()",
            "async fn",
            "std::fs",
            "std::net",
            "std::thread",
            "std::env",
        ],
        why: "the domain is pure: time and input come as arguments",
    },
];

/// Words that name a drawer, not a thing.
const DRAWERS: &[&str] = &[
    "common", "helper", "helpers", "manager", "misc", "models", "service", "services", "shared",
    "util", "utils",
];

/// Folders with nothing written by hand.
const NOT_OURS: &[&str] = &[
    "node_modules",
    "target",
    "build",
    ".svelte-kit",
    "paraglide",
    "gen",
];

#[test]
fn the_domain_is_pure() {
    let impure = [
        "async-std",
        "axum",
        "futures",
        "futures-util",
        "reqwest",
        "rumqttc",
        "smol",
        "sqlx",
        "tokio",
    ];
    let found: Vec<_> = dependencies("ladebuch-domain", &["normal"])
        .into_iter()
        .filter(|name| impure.contains(&name.as_str()))
        .collect();
    assert_eq!(
        found, [""; 0],
        "the domain decides; it neither waits nor talks to anybody"
    );
}

#[test]
fn protocol_clients_stand_alone() {
    let ours = packages();
    let ours: Vec<_> = ours
        .iter()
        .filter_map(|package| package["name"].as_str())
        .collect();
    for client in ["openwb", "elli"]
        .into_iter()
        .filter(|client| ours.contains(client))
    {
        let found: Vec<_> = dependencies(client, &["normal", "dev", "build"])
            .into_iter()
            .filter(|name| ours.contains(&name.as_str()))
            .collect();
        assert_eq!(
            found, [""; 0],
            "{client} is of use to others only without the rest of the workspace"
        );
    }
}

#[test]
fn only_the_engine_depends_on_the_database_and_only_the_app_on_tauri() {
    for package in packages() {
        let name = package["name"].as_str().unwrap();
        for dependency in dependencies(name, &["normal", "dev", "build"]) {
            let allowed = match dependency.as_str() {
                "sqlx" => name == "ladebuch-engine",
                other if other.starts_with("tauri") => name == "ladebuch",
                _ => true,
            };
            assert!(allowed, "{name} must not depend on {dependency}");
        }
    }
}

#[test]
fn there_is_one_cryptography_and_it_is_not_openssl() {
    let lock = fs::read_to_string(root().join("Cargo.lock")).unwrap();
    for other in ["aws-lc-rs", "aws-lc-sys", "native-tls", "openssl-sys"] {
        assert!(
            !lock.contains(&format!("name = \"{other}\"\n")),
            "{other} came in beside rustls with ring"
        );
    }
}

#[test]
fn sources_import_only_what_they_may() {
    let found: Vec<_> = SOURCE_RULES.iter().flat_map(violations).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_forbidden_import_is_found_and_a_mention_in_a_comment_is_not() {
    let rule = SourceRule {
        within: &[],
        except: &[],
        forbidden: &["sqlx::"],
        why: "",
    };
    assert!(forbidden_in(&rule, "use sqlx::Row;").is_some());
    assert!(forbidden_in(&rule, "    let row: sqlx::sqlite::SqliteRow = x; // fine?").is_some());
    assert!(forbidden_in(&rule, "// unlike sqlx::Row").is_none());
    assert!(forbidden_in(&rule, "/// [`sqlx::Row`]").is_none());
}

#[test]
fn rules_look_at_folders_that_exist() {
    for folder in SOURCE_RULES
        .iter()
        .flat_map(|rule| rule.within)
        .filter(|path| !path.ends_with(".rs"))
    {
        assert!(
            root().join(folder).is_dir(),
            "{folder} is gone, and with it the rule"
        );
    }
}

#[test]
fn nothing_is_called_after_a_drawer() {
    let mut found = Vec::new();
    for top in ["crates", "src-tauri", "tests", "ui/src", "xtask"] {
        for file in files(&root().join(top)) {
            let path = file.strip_prefix(root()).unwrap();
            let words = path
                .components()
                .map(|part| part.as_os_str().to_string_lossy().into_owned());
            for word in words {
                let stem = word.split('.').next().unwrap_or_default();
                if DRAWERS.contains(&stem) {
                    found.push(format!("{}: {stem}", path.display()));
                }
            }
        }
    }
    assert!(
        found.is_empty(),
        "name them after what they hold:\n{}",
        found.join("\n")
    );
}

fn violations(rule: &SourceRule) -> Vec<String> {
    let mut found = Vec::new();
    for file in rule
        .within
        .iter()
        .flat_map(|within| files(&root().join(within)))
    {
        let path = file.strip_prefix(root()).unwrap();
        if rule.except.iter().any(|except| path.starts_with(except)) {
            continue;
        }
        let Ok(text) = fs::read_to_string(&file) else {
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            if let Some(word) = forbidden_in(rule, line) {
                found.push(format!(
                    "{}:{}: {word} ({})",
                    path.display(),
                    number + 1,
                    rule.why
                ));
            }
        }
    }
    found
}

fn forbidden_in(rule: &SourceRule, line: &str) -> Option<&'static str> {
    if line.trim_start().starts_with("//") {
        return None;
    }
    rule.forbidden
        .iter()
        .find(|word| line.contains(**word))
        .copied()
}

/// Every source file in or below `path`.
fn files(path: &Path) -> Vec<PathBuf> {
    let is_source = |path: &Path| {
        path.extension().is_some_and(|extension| {
            ["rs", "svelte", "ts"]
                .iter()
                .any(|known| extension == *known)
        })
    };
    if path.is_file() {
        return if is_source(path) {
            vec![path.to_owned()]
        } else {
            Vec::new()
        };
    }
    let Ok(entries) = fs::read_dir(path) else {
        return Vec::new();
    };
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| !NOT_OURS.iter().any(|name| path.ends_with(name)))
        .flat_map(|path| files(&path))
        .collect()
}

/// Names of what `package` depends on in one of these ways.
fn dependencies(package: &str, kinds: &[&str]) -> Vec<String> {
    let packages = packages();
    let package = packages
        .iter()
        .find(|found| found["name"] == package)
        .expect("a package of that name");
    package["dependencies"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|dependency| kinds.contains(&dependency["kind"].as_str().unwrap_or("normal")))
        .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
        .collect()
}

/// The workspace's packages as cargo describes them.
fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}
