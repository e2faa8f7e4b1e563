//! Generates Tauri's context. Paths are relative to the repository root, which is the package.

fn main() {
    let attributes = tauri_build::Attributes::new()
        .capabilities_path_pattern("./src-tauri/capabilities/*.json")
        // Naming the commands makes them subject to the capabilities, like a plugin's.
        .app_manifest(tauri_build::AppManifest::new().commands(&[
            "api",
            "live",
            "stop_live",
            "save_file",
            "elli_sign_in",
        ]));
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo:warning={error:#}");
        std::process::exit(1);
    }
}
