//! A tariff with a price for every hour, in ct/kWh.

use std::fmt::Write as _;

use super::Core;

/// ct/kWh out of €/Wh.
const CT_PER_KWH: f64 = 100_000.0;

impl Core {
    /// The price of this hour, ct/kWh; `None` without a tariff.
    pub(super) fn price_ct(&self) -> Option<f64> {
        self.prices
            .then(|| self.household.price_eur_per_wh(self.now()) * CT_PER_KWH)
    }

    /// The price of this hour and the list, where they changed.
    pub(super) fn publish_prices(&mut self) {
        let Some(now_ct) = self.price_ct() else {
            return;
        };
        self.show(
            "global/awattar/ActualPriceForCharging",
            format!("{now_ct:.2}"),
        );
        // The first line names the provider's module.
        let mut list = "et_awattar".to_owned();
        for (from, price) in self.household.prices_eur_per_wh() {
            // Writing to a string does not fail.
            write!(list, "\n{},{:.2}", from.timestamp(), price * CT_PER_KWH).ok();
        }
        self.show("global/awattar/pricelist", list);
    }
}
