/** Words of the landing page. */

export const landing = {
  what: 'People open a link; a model learns inside their browser, from data that stays there. A coordinator collects what each browser learned, never the data, and averages it into one model that works for everyone.',
  joinTitle: 'Take part',
  join: 'You need an invitation: a link that somebody who runs a project gave you. It contains your ticket and opens the page where you see what the project is before anything starts.',
  joinButton: 'I have a join link',
  operateTitle: 'Run a project',
  operate: 'Create a run, invite people, watch the model learn round by round, and export it.',
  operateButton: 'Open the dashboard',
};
