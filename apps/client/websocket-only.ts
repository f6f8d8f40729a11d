/**
 * The page speaks to the coordinator over WebSocket only (`socket-io-channel.ts` brings its own transport), and its socket
 * client carries others along: code that nobody would ever run, on every participant's way.
 */
import type { Plugin } from 'vite';

const NO_OTHERS = '\0no-other-transports';

export function webSocketOnly(): Plugin {
  return {
    name: 'websocket-only',
    apply: 'build',
    enforce: 'pre',
    async resolveId(source, importer, options) {
      if (!importer?.includes('engine.io-client')) return null;
      if (source.endsWith('/transports/index.js')) return NO_OTHERS;
      if (!source.includes('/transports/polling')) return null;
      const resolved = await this.resolve(source, importer, { ...options, skipSelf: true });
      // It only listens for the end of the page, to end requests that it never made.
      return resolved && { ...resolved, moduleSideEffects: false };
    },
    load: (id) => (id === NO_OTHERS ? 'export const transports = {};' : null),
  };
}
