/** Headers of every answer. */
import type { FastifyInstance } from 'fastify';

/** Made in `apps/client/src/trusted-types.ts`; no other policy can be made, and none of these twice. */
const TRUSTED_TYPES = 'tributary-worker default';

const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  // tfjs compiles WebAssembly; nothing is ever evaluated from text.
  "script-src 'self' 'wasm-unsafe-eval'",
  // Text becomes markup or a script's address through a named policy, or not at all.
  "require-trusted-types-for 'script'",
  `trusted-types ${TRUSTED_TYPES}`,
  "worker-src 'self'",
  "img-src 'self' data: blob:",
  // Mantine sets styles on elements.
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

/** What a page that trains on files needs none of, so that nothing on it can ask. */
const PERMISSIONS_POLICY = [
  'camera',
  'microphone',
  'geolocation',
  'display-capture',
  'payment',
  'usb',
  'serial',
  'hid',
  'midi',
]
  .map((feature) => `${feature}=()`)
  .join(', ');

/** Half a year. It binds every port of the host name, so it is for certificates that browsers take without asking. */
const STRICT_TRANSPORT_SECURITY = 'max-age=15552000';

export function addSecurityHeaders(
  app: FastifyInstance,
  { isStrictlyHttps, isolatesPages }: { isStrictlyHttps: boolean; isolatesPages: boolean },
): void {
  const headers = {
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    // With the two above it makes a page cross-origin isolated: its workers may then share memory.
    ...(isolatesPages && { 'cross-origin-embedder-policy': 'require-corp' }),
    'permissions-policy': PERMISSIONS_POLICY,
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
  app.addHook('onSend', async (request, reply) => {
    reply.headers(headers);
    if (isStrictlyHttps && request.protocol === 'https') {
      reply.header('strict-transport-security', STRICT_TRANSPORT_SECURITY);
    }
  });
}
