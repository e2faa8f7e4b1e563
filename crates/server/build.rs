//! Watches the built user interface, which is embedded into the program.

use std::path::Path;

fn main() {
    let build = Path::new("../../ui/build");
    // A folder that is missing counts as changed and would compile this crate anew every time.
    // Where it cannot be made, that is all the harm there is.
    std::fs::create_dir_all(build).ok();
    println!("cargo::rerun-if-changed={}", build.display());
}
