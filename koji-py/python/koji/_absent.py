"""What other koji modules have and this one has not, and what to use instead."""

from typing import Dict

_HEADERS = 'read rpm files with the rpm module, or ask a hub: getRPMHeaders() and queryRPMSigs()'
_DAEMON = 'the builder is the program kojid, not a Python module'
_HUB = 'the hub is the program koji-hubd, not a Python module'
_MOCK = 'kojid writes the configuration of buildroots; ask a hub for getBuildConfig() and getTagGroups()'
_LOG = 'the session logs to logging.getLogger("koji"); add a handler to that'
_FILES = 'fetch with urllib.request; PathInfo(topdir=topurl) makes the URL'
_MAVEN = 'Maven descriptions are read by other modules, such as xml.etree'

ABSENT: Dict[str, str] = {
    'KojiError': 'the base of the exceptions is GenericError',
    'PythonImportError': 'Python\'s own is builtins.ImportError',
    '_': 'texts are not translated',
    'add_file_logger': _LOG,
    'add_mail_logger': _LOG,
    'add_stderr_logger': _LOG,
    'add_sys_logger': _LOG,
    'arch': 'canonArch() and parse_arches() are here',
    'check_rpm_file': _HEADERS,
    'config': 'a profile\'s options are in get_profile_module(name).config or read_config(name)',
    'context': _HUB,
    'daemon': _DAEMON,
    'daemonize': 'let the service manager do that',
    'downloadFile': _FILES,
    'genMockConfig': _MOCK,
    'generate_comps': _MOCK,
    'get_header_field': _HEADERS,
    'get_header_fields': _HEADERS,
    'get_rpm_header': _HEADERS,
    'get_sighdr_key': _HEADERS,
    'get_sigpacket_key_id': _HEADERS,
    'is_conn_error': 'a hub that can\'t be reached is Python\'s ConnectionError',
    'is_requests_cert_error': 'a hub that can\'t be reached is Python\'s ConnectionError',
    'make_groups_spec': _MOCK,
    'maven_info_to_nvr': _MAVEN,
    'openRemoteFile': _FILES,
    'parse_pom': _MAVEN,
    'plugin': _HUB,
    'policy': _HUB,
    'pom_to_maven_info': _MAVEN,
    'reqgssapi': 'this module has no Kerberos',
    'request_with_retry': _FILES,
    'rip_rpm_hdr': _HEADERS,
    'rip_rpm_sighdr': _HEADERS,
    'rpm_hdr_size': _HEADERS,
    'RawHeader': _HEADERS,
    'rpmdiff': 'compare rpms with the program rpmdiff',
    'server': _HUB,
    'splice_rpm_sighdr': _HEADERS,
    'tasks': _DAEMON,
    'util': 'its helpers are small; the standard library has most of them',
}
