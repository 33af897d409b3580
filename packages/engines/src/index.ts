export * from './port.ts';
export { createEngines, engineKinds, type EngineDeps, type Engines } from './registry.ts';
export { createRowsEngine } from './rows/engine.ts';
export { isStagingName } from './rows/names.ts';
export { checkRestore } from './rows/restore/check.ts';
export { WARNINGS, warningsPage, type WarningCode } from './rows/warnings.ts';
