//! What can go wrong in the cloud, and what it may answer that clients have to live with.

use crate::fault::faults;

faults! {
    /// What Elli's cloud can be made to do.
    Fault {
        /// Firmware information cannot be fetched: 500, `FETCH_FIRMWARE_FAILURE`.
        Firmware500 = "firmware-500",
        /// The list of sessions cannot be fetched: 500. What else there is of them can.
        Sessions500 = "sessions-500",
        /// The sum of a station's records cannot be fetched: 500.
        Total500 = "total-500",
        /// There is no sum of a station's records: 404.
        NoTotal = "no-total",
        /// The places are for other clients: 401 with whatever token.
        Locations401 = "locations-401",
        /// Every station's history is empty.
        NoRecords = "no-records",
        /// Every access token dies at its second further page of records: 401.
        Paging401 = "paging-401",
        /// Every five requests to the API, 429 with `Retry-After` for two seconds. The first is refused.
        RateLimit429 = "rate-limit-429",
        /// The list of stations takes 30 s.
        Hang = "hang",
        /// A proxy answers for the API, with a page: 502.
        HtmlError = "html-error",
        /// The API fails: 500.
        Api500 = "api-500",
        /// Charging speeds have decimals, as the real ones do.
        FractionalWatts = "fractional-watts",
        /// Energies of records are strings.
        StringEnergies = "string-energies",
        /// Stations come without serial number and firmware.
        NoSerial = "no-serial",
        /// All stations have one name.
        SameName = "same-name",
        /// The account has no stations any more.
        NoStations = "no-stations",
        /// Between any two pages of records another one is created.
        InsertWhilePaging = "insert-while-paging",
        /// Records come oldest first.
        OldestFirst = "oldest-first",
        /// No page has more than 25 records, whatever is asked for.
        SmallPages = "small-pages",
        /// Sessions that ended in the last day are listed after the running ones.
        FinishedSessions = "finished-sessions",
        /// What may be absent is absent.
        SparseFields = "sparse-fields",
        /// Objects have fields nobody has heard of.
        ExtraFields = "extra-fields",
        /// The reboot call does not exist: 404.
        NoReboot = "no-reboot",
        /// Every refresh token is refused: 403, `invalid_grant`.
        RevokedRefreshToken = "revoked-refresh-token",
        /// A refresh token is rotated, and the answer is lost on its way.
        LostRefreshAnswer = "lost-refresh-answer",
        /// Refreshing hands out no new refresh token; the old one stays good.
        NoRotation = "no-rotation",
        /// The token endpoint is down behind its proxy: 503 with a page.
        TokenUnavailable = "token-unavailable",
        /// The token endpoint has had enough: 429.
        TokenRateLimit = "token-rate-limit",
        /// A right password leads to `error=access_denied`.
        AccessDenied = "access-denied",
        /// Elli's clocks are ten minutes ahead.
        ClockSkew = "clock-skew",
    }
}
