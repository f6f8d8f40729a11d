/**
 * A coordinator that tells each viewer of its own choice who dropped out, to see one member's vector. It needs the
 * victim's seed, for which everybody hears that the victim lives, and the mask key of each honest neighbour of the
 * victim, for which enough of that neighbour's own neighbours hear that it dropped out. No viewer hears anything that one
 * tab can know to be false: itself and enough others are alive.
 */
export interface Scene {
  readonly neighbours: readonly (readonly number[])[];
  readonly shareThreshold: number;
  /** Fewer would be noticed by every viewer. */
  readonly minimumSurvivors: number;
  readonly corrupt: ReadonlySet<number>;
}

/**
 * Whom each honest viewer hears of as dropped out, to expose `victim`; undefined when no choice will do. Every neighbour
 * needs as many viewers as it lacks corrupt ones, every viewer bears so many drop-outs: a flow, which is found if there is
 * one.
 */
export function chooseDropouts(scene: Scene, victim: number): Map<number, Set<number>> | undefined {
  const { neighbours, shareThreshold, minimumSurvivors, corrupt } = scene;
  const told = new Map<number, Set<number>>();
  for (let viewer = 0; viewer < neighbours.length; viewer += 1)
    if (!corrupt.has(viewer)) told.set(viewer, new Set());
  const bearable = (viewer: number) =>
    Math.min(neighbours.length - minimumSurvivors, neighbours[viewer]!.length - shareThreshold);

  for (const target of neighbours[victim]!.filter((neighbour) => !corrupt.has(neighbour))) {
    const corruptHolders = neighbours[target]!.filter((holder) => corrupt.has(holder)).length;
    for (let shares = corruptHolders; shares < shareThreshold; shares += 1) {
      if (!tellOneMore(target)) return undefined;
    }
  }
  return told;

  /** Ford and Fulkerson: a viewer that can bear no more may be spared another target that finds another viewer. */
  function tellOneMore(target: number): boolean {
    const tried = new Set<number>();
    return findViewer(target);

    function findViewer(dead: number): boolean {
      for (const viewer of neighbours[dead]!) {
        const heard = told.get(viewer);
        if (heard === undefined || heard.has(dead) || tried.has(viewer)) continue;
        tried.add(viewer);
        const spared =
          heard.size < bearable(viewer)
            ? undefined
            : [...heard].find((other) => other !== dead && findViewer(other));
        if (heard.size >= bearable(viewer) && spared === undefined) continue;
        if (spared !== undefined) heard.delete(spared);
        heard.add(dead);
        return true;
      }
      return false;
    }
  }
}
