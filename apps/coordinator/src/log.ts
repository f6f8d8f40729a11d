/** Structured logs on stderr. Credentials never get in, even when a whole request is logged by mistake. */
import { destination, type Logger, pino, stdSerializers } from 'pino';

export type LogLevel = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
export const LOG_LEVELS: readonly LogLevel[] = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

const SECRET_KEYS = [
  'authorization',
  'cookie',
  'set-cookie',
  'ticket',
  'uploadTicket',
  'signature',
  'token',
  'joinUrl',
];

export function createLog(level: LogLevel): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRET_KEYS.flatMap(everyDepth), censor: '[secret]' },
      serializers: { err: stdSerializers.err },
    },
    destination({ fd: 2, sync: true }),
  );
}

function everyDepth(key: string): string[] {
  return [`["${key}"]`, `*["${key}"]`, `*.*["${key}"]`, `*.*.*["${key}"]`];
}
