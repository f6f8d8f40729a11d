/** The built page: one document for every view, and assets whose names change with their content. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

const VIEWS = ['/', '/join', '/admin'];

/** @param folder the client's build; without one the views say how to make it */
export async function servePages(app: FastifyInstance, folder: string): Promise<void> {
  const document = await readFile(join(folder, 'index.html')).catch(() => null);
  for (const view of VIEWS) {
    app.get(view, (_request, reply) =>
      document
        ? reply.header('cache-control', 'no-cache').type('text/html; charset=utf-8').send(document)
        : reply
            .status(503)
            .type('text/plain; charset=utf-8')
            .send('The page is not built yet: run `npm run build`.\n'),
    );
  }
  if (!document) return;
  await app.register(fastifyStatic, {
    root: folder,
    index: false,
    wildcard: false,
    cacheControl: false,
    // The build leaves compressed forms beside the files.
    preCompressed: true,
    setHeaders(reply, path) {
      const hashed = path.includes('/assets/');
      reply.setHeader('vary', 'accept-encoding');
      reply.setHeader('cache-control', hashed ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
  });
}
