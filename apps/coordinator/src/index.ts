/** For programs that run a coordinator in their own process: tests, the demo. */
export { type Coordinator, type CoordinatorOptions, startCoordinator } from './app.ts';
export type { LogLevel } from './log.ts';
export type { RunSupervisor } from './run/run-supervisor.ts';
export { TEMPLATES } from './templates/index.ts';
export type { ValidationSets } from './validation/validation.ts';
