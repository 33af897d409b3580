export * from './port.ts';
export { createContract, CONTRACT_LIMITS, type Contract } from './http/contract.ts';
export { createHttpEngine } from './http/engine.ts';
export { createMilvusBackupEngine } from './milvus-backup/engine.ts';
export { createEngines, engineKinds, type EngineDeps, type Engines } from './registry.ts';
export { createRowsEngine } from './rows/engine.ts';
export { detectTool, type ToolKind } from './tool/detect.ts';
export { isStagingName } from './rows/names.ts';
export { WARNINGS, warningsPage, type WarningCode } from './rows/warnings.ts';
