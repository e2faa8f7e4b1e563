//! Starting the Windows server under Wine and asking it how it is.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::program::{Program, find, program};

/// Debian keeps it off PATH unless its `wine` package is there too.
const WINE: &str = "/usr/lib/wine/wine64";
const WINESERVER: &str = "/usr/lib/wine/wineserver64";

/// The first start under Wine makes a whole Windows folder.
const PATIENCE: Duration = Duration::from_secs(120);

/// Windows' random numbers, which Rust's standard library asks for by this name. Wine has them
/// since version 9 only; Debian 12's Wine is older, but knows them by their former name.
const BCRYPTPRIMITIVES: &str = r"
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE data, SIZE_T len) {
    while (len > 0) {
        ULONG part = len > 0x10000 ? 0x10000 : (ULONG)len;
        if (!SystemFunction036(data, part)) return FALSE;
        data += part;
        len -= part;
    }
    return TRUE;
}
";

/// Starts `ladebuch-server.exe` from `programs`, with `prefix` as its Windows, until it answers.
pub fn answers(programs: &Path, prefix: &Path) -> Result<()> {
    if !Path::new(WINE).is_file() && find("wine64").is_none() {
        println!("Debian's wine64 is not here, so the Windows programs are built but not started.");
        return Ok(());
    }
    write_bcryptprimitives(programs)?;
    let data = prefix.with_file_name("wine-data");
    if data.exists() {
        fs::remove_dir_all(&data).with_context(|| format!("cannot empty {}", data.display()))?;
    }

    let address = free_address()?;
    println!("› wine64 ladebuch-server.exe --listen {address}");
    let server = wine(prefix)
        .args([programs.join("ladebuch-server.exe")])
        .args(["--listen", &address.to_string(), "--data-dir"])
        .args([windows_path(&data)])
        .into_command()
        .spawn()
        .context("cannot start wine64")?;
    let answer = wait_for_health(
        Running {
            server,
            prefix: prefix.to_owned(),
        },
        address,
    )?;
    println!("Under Wine, /health answers: {answer}");
    Ok(())
}

/// A server under Wine; gone when dropped, with everything Wine has started for it.
struct Running {
    server: Child,
    prefix: PathBuf,
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both may be gone already, which is what is wanted.
        self.server.kill().ok();
        self.server.wait().ok();
        with_prefix(program(WINESERVER), &self.prefix)
            .args(["--kill"])
            .succeeds();
    }
}

fn wait_for_health(mut running: Running, address: SocketAddr) -> Result<String> {
    let started = Instant::now();
    let mut last = String::new();
    while started.elapsed() < PATIENCE {
        if let Some(status) = running.server.try_wait()? {
            bail!("the Windows server ended by itself ({status})");
        }
        match health(address) {
            // It answers before its database is open; only then has it really started.
            Ok(answer) if answer.contains(r#""status":"ok""#) => {
                return Ok(answer.lines().last().unwrap_or_default().to_owned());
            }
            Ok(answer) if answer.contains(r#""status":"failed""#) => {
                bail!("the Windows server could not start: {answer}");
            }
            Ok(answer) => last = answer,
            Err(error) => last = error.to_string(),
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    bail!(
        "the Windows server did not answer in {} s; last: {last}",
        PATIENCE.as_secs()
    )
}

fn health(address: SocketAddr) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(1))?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    write!(
        stream,
        "GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}

fn free_address() -> Result<SocketAddr> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?;
    Ok(listener.local_addr()?)
}

fn wine(prefix: &Path) -> Program {
    let wine = if Path::new(WINE).is_file() {
        WINE
    } else {
        "wine64"
    };
    with_prefix(program(wine), prefix)
}

fn with_prefix(program: Program, prefix: &Path) -> Program {
    program
        .env("WINEPREFIX", prefix)
        .env("WINEDEBUG", "-all")
        // No questions about .NET and a web browser.
        .env("WINEDLLOVERRIDES", "mscoree,mshtml=")
}

/// Wine shows the root of the file system as drive Z.
fn windows_path(path: &Path) -> String {
    format!("Z:{}", path.display()).replace('/', "\\")
}

fn write_bcryptprimitives(programs: &Path) -> Result<()> {
    let library = programs.join("bcryptprimitives.dll");
    if library.is_file() {
        return Ok(());
    }
    let source = programs.join("bcryptprimitives.c");
    fs::write(&source, BCRYPTPRIMITIVES)
        .with_context(|| format!("cannot write {}", source.display()))?;
    program("x86_64-w64-mingw32-gcc")
        .args(["-shared", "-O2", "-o"])
        .args([&library, &source])
        .args(["-ladvapi32"])
        .run()
}
