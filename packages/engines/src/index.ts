export * from './port.ts';
export { createEngines, engineKinds, type EngineDeps, type Engines } from './registry.ts';
export { createRowsEngine } from './rows/engine.ts';
export { createSegmentsEngine } from './segments/engine.ts';
export { isStagingName } from './rows/names.ts';
export { WARNINGS, warningsPage, type WarningCode } from './rows/warnings.ts';
