import { problemSchema, TributaryError } from '@tributary/fl-core';

/** The error that an HTTP answer stands for: the coordinator's own code, or `internal` with the status. */
export async function problemOf(response: Response): Promise<TributaryError> {
  const body: unknown = await response.json().catch(() => null);
  const problem = problemSchema.safeParse(body);
  if (problem.success) return new TributaryError(problem.data.code, problem.data.message);
  return new TributaryError('internal', `the coordinator answered with status ${response.status}`);
}
