//! A small PDF: lines of text, page after page (ISO 32000-1, without anything compressed).

/// Lines that fit on a page.
const LINES: usize = 56;

/// Lays lines out on pages of A4.
pub(super) fn document(lines: &[String]) -> Vec<u8> {
    let pages: Vec<&[String]> = lines.chunks(LINES).collect();
    // 1 catalogue, 2 tree, 3 font, then a page and its content for each.
    let page_number = |n: usize| 4 + 2 * n;
    let kids: Vec<String> = (0..pages.len())
        .map(|n| format!("{} 0 R", page_number(n)))
        .collect();
    let mut objects = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        format!(
            "<< /Type /Pages /Kids [{}] /Count {} >>",
            kids.join(" "),
            pages.len()
        )
        .into_bytes(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding /WinAnsiEncoding >>".to_vec(),
    ];
    for (n, page) in pages.iter().enumerate() {
        objects.push(
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] \
                 /Resources << /Font << /F1 3 0 R >> >> /Contents {} 0 R >>",
                page_number(n) + 1
            )
            .into_bytes(),
        );
        let text = content(page);
        let mut stream = format!("<< /Length {} >>\nstream\n", text.len()).into_bytes();
        stream.extend(text);
        stream.extend(b"\nendstream");
        objects.push(stream);
    }
    assemble(&objects)
}

fn content(lines: &[String]) -> Vec<u8> {
    let mut text = b"BT /F1 9 Tf 13 TL 50 790 Td\n".to_vec();
    for line in lines {
        text.push(b'(');
        for character in line.chars() {
            match character {
                '(' | ')' | '\\' => text.extend([b'\\', character as u8]),
                // The first 256 of Unicode are nearly what WinAnsi has.
                other => text.push(u8::try_from(u32::from(other)).unwrap_or(b'?')),
            }
        }
        text.extend(b") Tj T*\n");
    }
    text.extend(b"ET");
    text
}

/// Numbers the objects and says where each begins.
fn assemble(objects: &[Vec<u8>]) -> Vec<u8> {
    // Bytes above 127 tell programs on the way that this is not text.
    let mut file = b"%PDF-1.4\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut begins = Vec::with_capacity(objects.len());
    for (n, object) in objects.iter().enumerate() {
        begins.push(file.len());
        file.extend(format!("{} 0 obj\n", n + 1).into_bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let table = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).into_bytes());
    for begin in begins {
        file.extend(format!("{begin:010} 00000 n \n").into_bytes());
    }
    file.extend(
        format!(
            "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n",
            objects.len() + 1
        )
        .into_bytes(),
    );
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_points_at_objects() {
        let lines: Vec<String> = (0..120).map(|n| format!("Zeile (ü) {n}")).collect();
        let file = document(&lines);
        let text: String = file.iter().map(|byte| char::from(*byte)).collect();
        assert!(text.starts_with("%PDF-1.4\n") && text.ends_with("%%EOF\n"));
        assert!(text.contains("/Count 3"));
        assert!(text.contains("(Zeile \\(ü\\) 119)"));
        let (_, table) = text.split_once("xref\n0 10\n").unwrap();
        for (n, line) in table.lines().skip(1).take(9).enumerate() {
            let begin: usize = line[..10].parse().unwrap();
            assert!(
                text[text.char_indices().nth(begin).unwrap().0..]
                    .starts_with(&format!("{} 0 obj", n + 1))
            );
        }
    }
}
