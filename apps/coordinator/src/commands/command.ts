/** What a command of the command line is. */
export interface Command {
  /** The text of `--help`; a command without one answers it itself. */
  readonly help?: string;
  /** @returns the exit code: 0 done, 1 failed, 2 used wrongly */
  run(args: readonly string[]): Promise<number>;
}

/** Wrong use: answered with the message and a hint at `--help`, exit code 2. */
export class UsageError extends Error {}

/** Results go to stdout; everything said along the way goes to stderr. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
