import { encode } from 'uqr';
import { words } from '../../messages/index.ts';

/** Modules of white that a reader needs around the code (ISO/IEC 18004, section 6.3.8). */
const QUIET_ZONE = 4;

/** Black on white in dark mode, too: many readers know it no other way. */
export default function QrCode({ content, name }: { content: string; name: string }) {
  const { size, data } = encode(content, { ecc: 'L', border: QUIET_ZONE });
  const path = data
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('');
  return (
    <svg
      className="qr-code"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={words.admin.qrCodeOf(name)}
      shapeRendering="crispEdges"
    >
      <path d={path} fill="#000" />
    </svg>
  );
}
