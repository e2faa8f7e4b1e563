//! Tags: read, taken in or turned down, and forgotten.

use chrono::TimeDelta;

use super::Core;
use super::json::Json;
use super::message::unix;
use super::point::Scanned;

/// How long a tag waits for a car.
const PATIENCE: TimeDelta = TimeDelta::minutes(5);
const WAITING: &str = "Wenn nach dem Scannen nicht innerhalb von 5 Minuten ein Auto angesteckt wird, wird der ID-Tag verworfen.";

impl Core {
    /// The vehicle a tag belongs to, compared exactly as the core does before anything else.
    pub(super) fn vehicle_of_tag(&self, tag: &str) -> Option<u32> {
        self.cars
            .iter()
            .find(|car| car.tags.iter().any(|known| known == tag))
            .map(|car| car.id)
    }

    /// Takes the next tag off a charge point's reader. While one is there, `get/rfid` shows it in
    /// every cycle.
    pub(super) fn read_tag(&mut self, n: usize) {
        let point = &mut self.points[n];
        if let Some(tag) = point.reader.pop_front() {
            point.scanned = Some(Scanned {
                tag,
                accepted_at: None,
            });
        }
        if let Some(scanned) = point.scanned.clone() {
            let id = point.id;
            self.state(&format!("chargepoint/{id}/get/rfid"), scanned.tag);
        }
    }

    /// Decides about the tag that is there, if any.
    pub(super) fn judge_tag(&mut self, n: usize) {
        let Some(Scanned { tag, accepted_at }) = self.points[n].scanned.clone() else {
            return;
        };
        let now = self.now();
        let point = &self.points[n];
        let is_plugged = self
            .household
            .point(point.id)
            .is_some_and(|point| point.vehicle.is_some());
        if !self.switch("optional/rfid/active") {
            return self.turn_down(
                n,
                "Identifikation von Fahrzeugen ist nicht aktiviert.".to_owned(),
            );
        }
        let vehicle = self.vehicle_of_tag(&tag);
        let is_valid_here = self.is_valid_here(&tag);
        if vehicle.is_none() && !is_valid_here {
            let sentence = format!("Der ID-Tag {tag} ist an diesem Ladepunkt nicht gültig.");
            return self.turn_down(n, sentence);
        }
        if is_plugged && point.segment.since_plugged_wh > 0.0 {
            return self.turn_down(
                n,
                "Nach Ladestart wird kein anderer ID-Tag akzeptiert.".to_owned(),
            );
        }
        if !is_plugged {
            match accepted_at {
                None => {
                    if let Some(scanned) = &mut self.points[n].scanned {
                        scanned.accepted_at = Some(now);
                    }
                    let id = self.points[n].id;
                    self.state(&format!("chargepoint/{id}/get/rfid_timestamp"), unix(now));
                }
                Some(since) if now - since >= PATIENCE => self.forget_tag(n),
                Some(_) => self.points[n].remarks.push(WAITING.to_owned()),
            }
            return;
        }
        if accepted_at.is_some() {
            self.points[n].remarks.push(WAITING.to_owned());
        }
        self.forget_tag(n);
        let point = &mut self.points[n];
        let id = point.id;
        point.tag = Some(tag.clone());
        point.ever_scanned = true;
        // A tag of the charge point's own list opens the lock.
        if is_valid_here && point.manual_lock {
            point.manual_lock = false;
            self.state(&format!("chargepoint/{id}/set/manual_lock"), false);
        }
        self.state(&format!("chargepoint/{id}/set/rfid"), tag);
        if let Some(vehicle) = vehicle {
            self.assign(n, vehicle);
            self.want_soc(vehicle);
        }
    }

    /// Whether the charge point template lists a tag.
    fn is_valid_here(&self, tag: &str) -> bool {
        self.settings
            .get("chargepoint/template/0")
            .and_then(|template| template.get("valid_tags").cloned())
            .is_some_and(|tags| matches!(tags, Json::List(tags) if tags.iter().any(|known| known.as_str() == Some(tag))))
    }

    fn turn_down(&mut self, n: usize, sentence: String) {
        self.points[n].remarks.push(sentence);
        self.forget_tag(n);
    }

    fn forget_tag(&mut self, n: usize) {
        let point = &mut self.points[n];
        point.scanned = None;
        let id = point.id;
        self.state(&format!("chargepoint/{id}/get/rfid"), Json::Null);
        self.state(&format!("chargepoint/{id}/get/rfid_timestamp"), Json::Null);
    }
}
