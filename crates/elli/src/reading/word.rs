//! The words of Elli's services. The lists come from public clients and from the data dictionary
//! that Elli's parent publishes for data exports.

use crate::words::words;

words! {
    /// Whether a station is connected to Elli.
    ConnectionState {
        /// It is.
        Connected = "connected",
        /// It is not.
        Disconnected = "disconnected",
        /// It is, but is not let in yet.
        Quarantined = "connected_in_quarantine_mode",
    }
}

words! {
    /// Who decides whether a car may charge.
    AuthorizationMode {
        /// Elli, by card.
        Csms = "authorization_csms",
        /// Nobody: the station lets everybody charge.
        NoneByStation = "no_authorization_cs",
        /// Nobody: Elli lets everybody charge.
        NoneByCsms = "no_authorization_csms",
        /// A partner of Elli's.
        ERoaming = "authorization_e_roaming",
    }
}

words! {
    /// How a charging session was allowed.
    AuthenticationMethod {
        /// With a card of the owner's.
        OwnCard = "private_card_owned",
        /// With a card of a fleet.
        FleetCard = "fleet_card",
        /// From afar.
        Remote = "private_remote",
        /// With the app.
        App = "app",
        /// Not at all.
        None = "none",
    }
}

words! {
    /// Where a session is in its life. Two sets of words are in use, for the app and behind it.
    SessionLifecycle {
        /// A cable is plugged in; it need not charge.
        Active = "active",
        /// It ended as it should.
        Completed = "completed",
        /// It was given up.
        Aborted = "aborted",
        /// A cable is plugged in, and nothing else happened.
        CablePluggedIn = "cable_plugged_in",
        /// A card was accepted, and no car has come yet.
        PreAuthorized = "pre_authorization_handled",
        /// A card was accepted.
        Authorized = "authorization_handled",
        /// It ended.
        Closed = "closed",
        /// It went wrong.
        Faulted = "faulted",
    }
}

words! {
    /// What happens on the cable. Two sets of words are in use, for the app and behind it.
    ChargingState {
        /// Energy flows.
        Charging = "charging",
        /// It does not, for now.
        Paused = "paused",
        /// Nothing happens.
        Idle = "idle",
        /// A car is there.
        EvDetected = "ev_detected",
        /// The car does not want to charge now.
        SuspendedByCar = "suspended_ev",
        /// The station does not let it charge now.
        SuspendedByStation = "suspended_evse",
    }
}

words! {
    /// Why a session counts as faulted.
    FaultCause {
        /// It ended before it began.
        NegativeDuration = "negative_duration",
        /// The meter went backwards.
        NegativeEnergy = "negative_energy_consumption",
        /// The next one began before its end was reported.
        ClosedByNewSession = "closed_by_new_session",
        /// Its price is not known.
        NoCountryForPrice = "missing_country_for_cpo_price",
        /// Its compensation is not known.
        NoCountryForCompensation = "missing_country_for_total_compensation",
        /// Somebody at Elli ended it.
        TerminatedByAgent = "terminated_by_agent",
        /// Elli's service ended it.
        TerminatedBySystem = "terminated_by_system",
        /// A reading of the meter is missing.
        NoMeterValue = "missing_meter_value",
    }
}
