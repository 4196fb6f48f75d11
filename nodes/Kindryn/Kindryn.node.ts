import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { execute } from '../shared/operations/execute';
import { propertiesOf } from '../shared/operations/operation';
import { resources } from './actions';
import { listSearch, loadOptions, testKindrynApi } from './methods';
import { kindryn } from './service';

export class Kindryn implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Kindryn',
		name: 'kindryn',
		icon: { light: 'file:../../icons/kindryn.svg', dark: 'file:../../icons/kindryn.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["operation"] + ": " + $parameter["resource"] }}',
		description: 'Manage members, invitations, posts and events of a Kindryn community',
		builderHint: {
			searchHint:
				'To invite a whole list, use Invitation → Create Many. One run handles all items: no loop is needed. Member → Add fails for people who are already members.',
		},
		defaults: { name: 'Kindryn' },
		usableAsTool: true,
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'kindrynApi', required: true, testedBy: 'testKindrynApi' }],
		hints: [
			{
				message:
					'All people are invited together. To send failures to their own output, set On Error to "Continue (using error output)".',
				displayCondition: '={{ $parameter["operation"] === "createMany" }}',
				whenToDisplay: 'beforeExecution',
				location: 'outputPane',
			},
		],
		properties: propertiesOf(resources, 'member'),
	};

	methods = {
		credentialTest: { testKindrynApi },
		listSearch,
		loadOptions,
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return await execute(this, kindryn, resources);
	}
}
