/** Deutsche Wörter zu den sicheren Summen auf der Seite der Teilnehmenden. */
import type { secureSum as english } from '../en/secure-sum.ts';
import { count, plural } from '../figures.ts';

export const secureSum: typeof english = {
  smallestGroup: {
    title: 'Kleinste Gruppe',
    does: (size) =>
      `Ihr Update wird nur mit denen von mindestens ${plural(size - 1, 'anderen Person', 'anderen Personen')} zusammengezählt: In einer Summe von wenigen ließe sich leichter erraten, welches Ihres war. In kleineren Gruppen sendet dieses Gerät nichts, oder es weigert sich, die Summe zu öffnen. Kein Koordinator kann das ändern.`,
    choice: (size) => `${count(size)} Personen`,
    runTooSmall: (largest, size) =>
      `In diesem Lauf werden höchstens ${count(largest)} Personen zusammengezählt, und Ihre kleinste Gruppe ist ${count(size)}: Ihr Gerät kann an keiner Summe teilnehmen. Wählen Sie eine kleinere Gruppe, oder nehmen Sie nicht teil.`,
  },

  privacy: {
    leavesInShort: (size) =>
      `in jeder Runde, was das Training am Modell geändert hat (${size}), maskiert: Nur die Summe über eine ganze Gruppe lässt sich öffnen`,
    update: (size) =>
      `In jeder Runde, an der Sie teilnehmen: ein maskiertes Update von ${size}. Für sich allein sieht es aus wie Zufallszahlen; nur die Summe über die ganze Gruppe lässt sich öffnen`,
    keys: 'öffentliche Schlüssel für jede Summe, verschlüsselte Teile ihrer Geheimnisse für andere in der Gruppe (damit die Summe sich auch ohne die öffnen lässt, die ausfallen), und Signaturen',
    enoughExamples: (minimum) =>
      `dass Sie mindestens ${plural(minimum, 'Beispiel', 'Beispiele')} haben; wie viele, und wie gut das Modell auf den zurückgehaltenen ist, geht nur in die Summe ein`,
    device:
      'der öffentliche Schlüssel dieses Geräts, eine Signatur damit, Ihr Ticket, womit es rechnet, und wie weit das Training ist',
    title: 'Was der Koordinator erfährt, und was nicht',
    learns:
      'Hält er sich an das Protokoll, so erfährt der Koordinator die Summe der Updates einer Gruppe, wer wann teilnahm und wer ausfiel. Das Update einer einzelnen Person erfährt er nicht.',
    sumTells:
      'Auch eine Summe verrät etwas über die, die darin sind, und zwar umso mehr, je kleiner die Gruppe ist und je öfter dieselben teilnehmen. Rauschen wird in diesem Lauf nicht hinzugefügt.',
    visibleInShort: 'der Koordinator sieht, wer wann teilnimmt, und die Summe jeder Gruppe',
    collusion:
      'Das gilt nicht, wenn genug von den anderen in einer Gruppe mit dem Koordinator zusammenarbeiten oder keine echten Personen sind, sondern von ihm erfunden.',
    code: 'Wer diese Seite ausliefert, könnte Ihnen eine andere ausliefern, die nicht tut, was sie sagt. Keine Webseite kann das Gegenteil beweisen.',
  },

  report: {
    title: 'Was der Koordinator sehen konnte',
    none: 'Steht hier nach der ersten Summe, so wie dieses Gerät es selbst geprüft hat.',
    under: (round) => `Runde ${count(round)}, wie dieses Gerät sie geprüft hat:`,
    group: 'Gruppe',
    groupOf: (members) => plural(members, 'Gerät', 'Geräte'),
    inSum: 'In der Summe',
    inSumOf: (survivors, least) => `${count(survivors)} (mindestens ${count(least)} müssen es sein)`,
    notYet: 'noch nicht abgeschlossen',
    shares: 'Geöffnet von',
    sharesOf: (threshold, degree) =>
      `mindestens ${count(threshold)} der ${count(degree)} Geräte, die Teile eines Geheimnisses haben`,
    confirmed: 'Gleiche Liste bei den anderen',
    stages: {
      sharing: 'Geheimnisse werden geteilt. Von Ihrem Update ist noch nichts fort.',
      masking: 'Ihr Update wird maskiert und gesendet. Maskiert sieht es aus wie Zufallszahlen.',
      confirming: 'Es wird verglichen, ob allen gesagt wurde, dass dieselben übrig sind.',
      revealed:
        'Dieses Gerät hat das Seine getan: Die Summe kann geöffnet werden, Ihr Update für sich allein nicht.',
      lost: 'Dieses Gerät ist ausgefallen. Was es vielleicht gesendet hat, bleibt maskiert oder ist nur in der Summe.',
      refused:
        'Dieses Gerät hat sich geweigert weiterzumachen. Was es vielleicht gesendet hat, bleibt maskiert oder ist nur in der Summe.',
    },
    isConfirmed: 'ja: Genug von ihnen haben die Liste unterschrieben, die auch dieses Gerät unterschrieb',
    isNotConfirmed: 'noch nicht',
    saw: 'Der Koordinator konnte sehen: die Summe, wer wann teilnahm und wer ausfiel.',
    sawNot:
      'Er konnte nicht sehen: Ihr Update für sich allein, wie viele Beispiele Sie haben und wie gut das Modell darauf ist.',
    condition: (threshold) =>
      `Das gilt, solange weniger als ${count(threshold)} von denen, die Teile Ihrer Geheimnisse haben, mit dem Koordinator zusammenarbeiten und diese Seite die veröffentlichte ist.`,
    label:
      'Einstufung: neugieriger Server. Das schützt vor einem Koordinator, der sich an das Protokoll hält und alles ansieht, was er bekommt; gegen einen, der lügt, müsste jemand anders für diese Seite und für die Menschen in der Gruppe bürgen.',
  },

  refused: 'Dieses Gerät hat sich geweigert, an dieser Summe teilzunehmen',
  refusals: {
    'secagg-parameters-impossible':
      'Für eine Gruppe dieser Größe ist keine Anordnung bekannt, die alle so schützt, wie der Plan dieses Laufs es verlangt.',
    'secagg-plan-mismatch':
      'Der Koordinator hat andere Parameter genannt, als dieses Gerät aus dem Plan berechnet.',
    'secagg-cohort-too-small':
      'Die Gruppe ist kleiner als Ihre kleinste Gruppe oder als der Plan dieses Laufs erlaubt. Ihr Update bleibt verborgen.',
    'secagg-roster-too-large': 'Der Koordinator hat mehr Mitglieder genannt, als eine Gruppe haben darf.',
    'secagg-roster-invalid':
      'Die Liste der Mitglieder stimmt nicht: Eine Signatur ist falsch, jemand steht zweimal darin, oder dieses Gerät steht nicht so darin, wie es sich angeboten hat.',
    'secagg-equivocation':
      'Der Koordinator hat diesem Gerät zweierlei über ein und dieselbe Summe gesagt. Ein ehrlicher tut das nie.',
    'secagg-stage-mismatch':
      'Der Koordinator hat etwas gesendet, das zu einer anderen Summe gehört oder nicht an der Reihe war.',
    'secagg-key-invalid': 'Jemand in der Liste hat einen Schlüssel, der keinen Schutz gibt.',
    'secagg-share-invalid':
      'Der Teil eines Geheimnisses ließ sich nicht öffnen oder ist nicht der versprochene: Jemand lügt, oder ihm wurde eine andere Liste gezeigt.',
    'secagg-survivors-invalid':
      'Der Koordinator hat sich darüber widersprochen, wer noch da ist: Zum Beispiel zählt er dieses Gerät zu den ausgefallenen.',
    'secagg-survivors-unconfirmed':
      'Zu wenige andere haben die Liste der Übrigen unterschrieben, die diesem Gerät gezeigt wurde: Vielleicht wurde ihnen eine andere gezeigt.',
    'secagg-below-threshold': 'Von einem Geheimnis sind zu wenige Teile übrig; die Summe bleibt geschlossen.',
    'secagg-dealer-inconsistent': 'Ein Geheimnis ist nicht das versprochene.',
    'secagg-state-lost':
      'Die Geheimnisse dieser Summe sind nicht mehr auf diesem Gerät, weil die Seite neu geladen oder geschlossen wurde. Sie werden nie gespeichert. Die nächste Runde ist eine neue Gelegenheit.',
    'secagg-message-malformed':
      'Der Koordinator hat für die Summe etwas gesendet, das nicht zu verstehen ist.',
  },
};
