//! Topic names and filters (MQTT 5, section 4.7).

/// Whether one may publish on it.
pub(super) fn is_name(topic: &str) -> bool {
    !topic.is_empty() && topic.len() <= usize::from(u16::MAX) && !topic.contains(['+', '#', '\0'])
}

/// Whether one may subscribe to it. Wildcards fill a whole level, `#` only the last.
pub(super) fn is_filter(filter: &str) -> bool {
    if filter.is_empty() || filter.len() > usize::from(u16::MAX) || filter.contains('\0') {
        return false;
    }
    let mut levels = filter.split('/').peekable();
    while let Some(level) = levels.next() {
        let wild = level.contains(['+', '#']);
        if wild && level.len() > 1 || level == "#" && levels.peek().is_some() {
            return false;
        }
    }
    true
}

/// Whether a filter covers a topic name. A wildcard on the first level does not reach `$` topics.
pub(super) fn matches(filter: &str, topic: &str) -> bool {
    if topic.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let mut levels = topic.split('/');
    for wanted in filter.split('/') {
        if wanted == "#" {
            return true;
        }
        match levels.next() {
            Some(level) if wanted == "+" || wanted == level => {}
            _ => return false,
        }
    }
    levels.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_cover_what_the_standard_says() {
        for (filter, topic, expected) in [
            ("a/b", "a/b", true),
            ("a/b", "a/b/", false),
            ("a/b", "A/b", false),
            ("a/+", "a/b", true),
            ("a/+", "a/", true),
            ("a/+", "a", false),
            ("a/+", "a/b/c", false),
            ("+", "a", true),
            ("+", "/a", false),
            ("+/+", "/a", true),
            ("/+", "/a", true),
            ("+/b/#", "a/b", true),
            ("#", "a/b/c", true),
            ("#", "/", true),
            ("a/#", "a", true),
            ("a/#", "a/b/c", true),
            ("a/#", "ab", false),
            ("a/+/c", "a//c", true),
            ("#", "$SYS/x", false),
            ("+/x", "$SYS/x", false),
            ("$SYS/#", "$SYS/x", true),
            ("$SYS/+", "$SYS/x", true),
            ("openWB/+/3/get/#", "openWB/chargepoint/3/get/power", true),
            ("openWB/system/+", "openWB/system/device/0/config", false),
        ] {
            assert_eq!(matches(filter, topic), expected, "{filter} on {topic}");
        }
    }

    #[test]
    fn wildcards_fill_whole_levels() {
        for good in [
            "#", "+", "/", "a", "a/+/b", "+/+", "a/#", "/#", "a//b", "$SYS/#",
        ] {
            assert!(is_filter(good), "{good}");
        }
        for bad in [
            "", "a#", "a+", "+a", "a/+b", "a/b+", "#/a", "a/#/b", "##", "a\0b",
        ] {
            assert!(!is_filter(bad), "{bad}");
        }
    }

    #[test]
    fn names_have_no_wildcards() {
        assert!(is_name("openWB/set/x"));
        for bad in ["", "a/#", "+", "a\0"] {
            assert!(!is_name(bad), "{bad:?}");
        }
    }
}
