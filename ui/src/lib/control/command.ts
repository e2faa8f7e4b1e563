import type { components } from '$lib/api/schema';

type Schemas = components['schemas'];

export type Abilities = Schemas['Abilities'];
export type ChargeSettings = Schemas['ChargeSettings'];
export type Command = Schemas['Command'];
export type CommandKind = Command['kind'];
export type CommandLimit = Schemas['CommandLimit'];
export type CommandOf<K extends CommandKind> = Extract<Command, { kind: K }>;
export type CommandOutcome = Schemas['CommandOutcome'];
export type CommandRecord = Schemas['CommandRecord'];
export type CommandRefusal = Schemas['CommandRefusal'];
export type LimitKind = Schemas['LimitKind'];

/** What is asked of a charge point, and whether it is to be put back when the vehicle is unplugged. */
export interface Asked {
  command: Command;
  untilUnplug: boolean;
}
