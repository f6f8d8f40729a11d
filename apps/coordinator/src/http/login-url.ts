/** A link that opens the dashboard. The token sits in the fragment: no request, proxy or log ever carries it. */
export function loginUrl(origin: string, token: string): string {
  return `${origin}/admin#token=${token}`;
}
