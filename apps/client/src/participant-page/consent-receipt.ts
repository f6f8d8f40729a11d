/**
 * What a person agreed to, signed with the key of the device: proof for the person, and the reason to ask again when
 * the text on the page or the parts of the manifest that matter to privacy are no longer those.
 */
import {
  bytesToHex,
  type PublicKey,
  plainSha256,
  type RunId,
  type TaskManifest,
  transcript,
} from '@tributary/fl-core';
import type { DeviceIdentity } from '@tributary/participant';
import * as z from 'zod/mini';

/** The first of the two fields that are signed. */
export const CONSENT_DOMAIN = 'tributary/consent/v1';

/** What decides what leaves, how large it is and what can be learnt from it. */
const PRIVACY_PARTS = ['model', 'data', 'training', 'privacy', 'compression', 'secureAggregation'] as const;
export type PrivacyPart = (typeof PRIVACY_PARTS)[number];

const hash = z.string().check(z.regex(/^[0-9a-f]{64}$/));
const claimsSchema = z.strictObject({
  run: z.string(),
  coordinator: z.string(),
  /** ISO 8601, by the clock of this device. */
  time: z.string(),
  language: z.string(),
  textSha256: hash,
  manifestSha256: z.record(z.enum(PRIVACY_PARTS), hash),
  publicKey: hash,
});
export type ConsentClaims = z.infer<typeof claimsSchema>;

export const consentReceiptSchema = z.strictObject({
  /** The claims as JSON, exactly as they were signed. */
  claims: z.string(),
  /** Ed25519, 128 hex digits. */
  signature: z.string(),
  /** What was on the page, word for word. */
  text: z.string(),
});
export type ConsentReceipt = z.infer<typeof consentReceiptSchema>;

/** What there is to agree to, now. */
export interface ConsentOffer {
  readonly runId: RunId;
  readonly coordinator: string;
  readonly language: string;
  readonly text: string;
  readonly manifest: Pick<TaskManifest, PrivacyPart>;
}

export async function signConsent(
  offer: ConsentOffer,
  identity: Pick<DeviceIdentity, 'publicKey' | 'sign'>,
  at: Date,
): Promise<ConsentReceipt> {
  const claims = JSON.stringify({
    ...claimsOf(offer, identity.publicKey),
    time: at.toISOString(),
  } satisfies ConsentClaims);
  const message = transcript(CONSENT_DOMAIN, [new TextEncoder().encode(claims)]);
  return { claims, signature: bytesToHex(await identity.sign(message)), text: offer.text };
}

export type ConsentChange = 'device' | 'coordinator' | 'language' | 'text' | PrivacyPart;

/** Why this receipt is no consent to what is offered now; empty when it is. */
export function changesSince(
  receipt: ConsentReceipt,
  offer: ConsentOffer,
  publicKey: PublicKey,
): readonly ConsentChange[] {
  const given = claimsSchema.parse(JSON.parse(receipt.claims));
  const now = claimsOf(offer, publicKey);
  if (given.publicKey !== now.publicKey) return ['device'];
  if (given.run !== now.run || given.coordinator !== now.coordinator) return ['coordinator'];
  const parts = PRIVACY_PARTS.filter((part) => given.manifestSha256[part] !== now.manifestSha256[part]);
  if (given.language !== now.language) return ['language', ...parts];
  return given.textSha256 === now.textSha256 ? parts : ['text', ...parts];
}

/** The file that the person can keep; whoever gets it can check it without this page. */
export function receiptFile(receipt: ConsentReceipt, howToVerify: string): string {
  return `${JSON.stringify({ ...receipt, howToVerify }, null, 2)}\n`;
}

function claimsOf(offer: ConsentOffer, publicKey: PublicKey): Omit<ConsentClaims, 'time'> {
  const { runId, coordinator, language, text, manifest } = offer;
  const parts = PRIVACY_PARTS.map((part) => [part, sha256(inOrder(manifest[part]))]);
  return {
    run: runId,
    coordinator,
    language,
    textSha256: sha256(text),
    manifestSha256: Object.fromEntries(parts),
    publicKey,
  };
}

const sha256 = (text: string) => bytesToHex(plainSha256(new TextEncoder().encode(text)));

/** JSON with the keys of every object in order, so that equal documents give equal text. */
function inOrder(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
