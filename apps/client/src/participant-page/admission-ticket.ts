/** The ticket travels in the fragment of the join link, because browsers send no fragments. */
export function ticketFromText(text: string): string | null {
  const fragment = text.includes('#') ? text.slice(text.indexOf('#') + 1) : text.trim();
  const ticket = new URLSearchParams(fragment).get('ticket');
  if (ticket) return ticket;
  return /^[\w.~-]{16,4096}$/.test(fragment) ? fragment : null;
}

export const ticketFromAddress = (): string | null =>
  new URLSearchParams(location.hash.slice(1)).get('ticket');
