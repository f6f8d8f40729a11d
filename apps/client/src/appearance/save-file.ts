/** Hands the person a file that was made on this device. */
export function saveFile(name: string, content: Uint8Array | string | Blob, type: string): void {
  const part = content instanceof Uint8Array ? Uint8Array.from(content) : content;
  const address = URL.createObjectURL(new Blob([part], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // The browser reads it after the click.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
