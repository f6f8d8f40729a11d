/** Die Wörter der Startseite. */
import type { landing as english } from '../en/landing.ts';

export const landing: typeof english = {
  what: 'Menschen öffnen einen Link; in ihrem Browser lernt ein Modell, aus Daten, die dort bleiben. Ein Koordinator sammelt, was jeder Browser gelernt hat, niemals die Daten, und mittelt daraus ein Modell, das für alle funktioniert.',
  joinTitle: 'Mitmachen',
  join: 'Sie brauchen eine Einladung: einen Link von jemandem, der ein Projekt betreibt. Er enthält Ihr Ticket und öffnet die Seite, auf der Sie sehen, worum es geht, bevor irgendetwas beginnt.',
  joinButton: 'Ich habe einen Einladungslink',
  operateTitle: 'Ein Projekt betreiben',
  operate:
    'Einen Lauf anlegen, Leute einladen, dem Modell Runde für Runde beim Lernen zusehen und es mitnehmen.',
  operateButton: 'Dashboard öffnen',
};
