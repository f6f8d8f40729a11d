/** CPU seconds of all threads of a process while something is done. */
export type Meter = <Result>(
  work: () => Result | Promise<Result>,
) => Promise<{ readonly result: Result; readonly seconds: number }>;

/** Of this process. */
export const thisProcess: Meter = async (work) => {
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, seconds: (user + system) / 1e6 };
};
