import type { components } from './schema';

type Schemas = components['schemas'];

export type ChargeLogImport = Schemas['ImportStatus'];
export type ChargeLogRow = Schemas['ChargeLogRow'];
export type DeviceKind = Schemas['DeviceKind'];
export type ElliAccount = Schemas['ElliAccount'];
export type ElliCard = Schemas['ElliCard'];
export type ElliPdf = Schemas['ElliPdf'];
export type ElliSignIn = Schemas['ElliSignIn'];
export type ElliStation = Schemas['ElliStation'];
export type ErrorCode = Schemas['ErrorCode'];
export type EnergyHistory = Schemas['EnergyHistory'];
export type Flow = Schemas['Flow'];
/** A device's part in the house, or the remainder that no device explains. */
export type FlowRole = Schemas['DeviceKind'] | 'unknown';
export type Gap = Schemas['Gap'];
export type GapCause = Schemas['GapCause'];
export type House = Schemas['House'];
export type Interval = Schemas['Interval'];
export type LiveChargePoint = Schemas['LiveChargePoint'];
export type LiveDevice = Schemas['LiveDevice'];
export type LiveMessage = Schemas['LiveMessage'];
export type LiveSnapshot = Schemas['LiveSnapshot'];
export type LiveSource = Schemas['LiveSource'];
export type Mark = Schemas['Mark'];
export type PowerHistory = Schemas['PowerHistory'];
/** What is wrong with a source. */
export type Problem = Schemas['SourceProblem'];
export type ProblemCode = Schemas['SourceProblemCode'];
/** What is sent when a request fails. */
export type ProblemDetails = Schemas['Problem'];
export type RecorderProblemCode = Schemas['RecorderProblemCode'];
export type Quantity = Schemas['Quantity'];
export type Series = Schemas['Series'];
export type Settings = Schemas['Settings'];
export type Source = Schemas['Source'];
export type SourceInput = Schemas['SourceInput'];
export type SourceKind = Schemas['SourceKind'];
/** A source of one kind, with what only that kind has. */
export type SourceOf<K extends SourceKind> = Extract<Source, { kind: K }>;
export type SourceState = Schemas['SourceState'];
export type SourceTest = Schemas['SourceTest'];
export type Status = Schemas['Status'];
export type Topic = Schemas['Topic'];
