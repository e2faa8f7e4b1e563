import type { ElliStation } from '$lib/api/types';
import { energy, inWords, power } from '$lib/format/number';
import { age, dayAndTime } from '$lib/format/time';
import { known, type Fact } from '$lib/house/facts';
import { live } from '$lib/live/store.svelte';
import { m } from '$lib/paraglide/messages';

import { elliWords } from './words';

const words = (word: string | null) => (word === null ? null : elliWords(word));
const moment = (at: string | null) => (at === null ? null : dayAndTime(Date.parse(at), live.zone));
const inPower = (watts: number | null) => (watts === null ? null : inWords(power(watts)));
const inEnergy = (wattHours: number | null) => (wattHours === null ? null : inWords(energy(wattHours)));

/** What Elli says of a station itself. */
export function stationFacts(station: ElliStation): Fact[] {
  const connectors = station.connectors.map(
    ({ id, availability }) => `${id}${availability === null ? '' : `: ${elliWords(availability)}`}`,
  );
  return known([
    { label: m.elli_firmware(), text: station.firmware, foreign: true },
    { label: m.elli_lifecycle(), text: words(station.lifecycle_state) },
    { label: m.elli_connectors(), text: connectors.length > 0 ? connectors.join(' · ') : null },
    { label: m.elli_authorization(), text: words(station.authorization_mode) },
    { label: m.elli_location(), text: station.address, foreign: true },
    { label: m.elli_last_contact(), text: station.last_contact_at && age(live.age(station.last_contact_at)) },
  ]);
}

/** What is plugged in, and what Elli sums up for it. */
export function sessionFacts({ session, accumulated }: ElliStation): Fact[] {
  if (session === null) return [];
  return known([
    { label: m.fact_state(), text: words(session.charging_state ?? session.lifecycle_state) },
    { label: m.fact_plugged_since(), text: moment(session.started_at) },
    { label: m.device_power(), text: inPower(session.power_w) },
    { label: m.view_energy(), text: inEnergy(session.energy_wh) },
    { label: m.elli_accumulated(), text: inEnergy(accumulated?.energy_wh ?? null) },
    { label: m.fact_tag(), text: session.card },
    { label: m.elli_allowed_by(), text: words(session.authentication_method) },
  ]);
}
