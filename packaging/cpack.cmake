# SPDX-FileCopyrightText: 2026 The Godwit developers
# SPDX-License-Identifier: GPL-3.0-or-later
# Packages of the components that packaging/CMakeLists.txt installs: deb, rpm where rpmbuild is, and one tar of all.
# To be configured with CMAKE_INSTALL_PREFIX=/usr, as `./dev package` does.

set(CPACK_PACKAGE_NAME godwit)
set(CPACK_PACKAGE_VENDOR "The Godwit developers")
set(CPACK_PACKAGE_CONTACT "${GODWIT_MAINTAINER}")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each component has its own
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_OUTPUT_FILE_PREFIX packages)
set(CPACK_STRIP_FILES ON)
set(CPACK_SET_DESTDIR ON) # /etc lies outside the prefix
set(CPACK_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL ${components})
set(CPACK_COMPONENTS_GROUPING IGNORE) # each component a package
set(CPACK_COMPONENT_SERVER_DESCRIPTION "self-hosted real-time server\n\
Godwit is an asynchronous server with everything on one port: HTTP, Server-Sent\n\
Events and WebSockets on an embedded SQLite database. It offers live metrics,\n\
chat rooms in which no acknowledged message is lost, background tasks with\n\
progress, and full-text search.\n\
.\n\
This package has the daemon and its systemd service.")
set(CPACK_COMPONENT_MONITOR_DESCRIPTION "live monitor of a Godwit server\n\
A window with live charts of a Godwit server's load, requests, latency and\n\
connections, its chat rooms, its tasks with their progress, and its search.")
set(CPACK_COMPONENT_CHAT_DESCRIPTION "chat window of a Godwit server\n\
A light window with the chat rooms of a Godwit server, their history and the\n\
state of the connection.")

set(CPACK_GENERATOR TGZ)
find_program(GODWIT_DPKG_DEB dpkg-deb)
if(GODWIT_DPKG_DEB)
    list(APPEND CPACK_GENERATOR DEB)
endif()
find_program(GODWIT_RPMBUILD rpmbuild)
if(GODWIT_RPMBUILD)
    list(APPEND CPACK_GENERATOR RPM)
endif()

# ---- deb
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_SERVER_PACKAGE_NAME godwit-server)
set(CPACK_DEBIAN_SERVER_PACKAGE_SECTION net)
# Qt's SQLite driver is a plugin, which no linker sees.
# Certificates: without them no https URL can be fetched.
set(CPACK_DEBIAN_SERVER_PACKAGE_DEPENDS "libqt6sql6-sqlite, adduser, ca-certificates")
set(CPACK_DEBIAN_SERVER_PACKAGE_CONTROL_EXTRA
    ${CMAKE_CURRENT_SOURCE_DIR}/debian/postinst
    ${CMAKE_CURRENT_SOURCE_DIR}/debian/prerm
    ${CMAKE_CURRENT_SOURCE_DIR}/debian/postrm
    ${CMAKE_CURRENT_SOURCE_DIR}/debian/conffiles)
set(CPACK_DEBIAN_MONITOR_PACKAGE_NAME godwit-monitor)
set(CPACK_DEBIAN_MONITOR_PACKAGE_SECTION net)
# The platform plugins; SVG is linked for the icons.
set(CPACK_DEBIAN_MONITOR_PACKAGE_DEPENDS qt6-qpa-plugins)
set(CPACK_DEBIAN_MONITOR_PACKAGE_RECOMMENDS qt6-wayland)
set(CPACK_DEBIAN_MONITOR_PACKAGE_SUGGESTS godwit-server)
set(CPACK_DEBIAN_CHAT_PACKAGE_NAME godwit-chat)
set(CPACK_DEBIAN_CHAT_PACKAGE_SECTION net)
set(CPACK_DEBIAN_CHAT_PACKAGE_DEPENDS qt6-qpa-plugins)
set(CPACK_DEBIAN_CHAT_PACKAGE_RECOMMENDS qt6-wayland)
set(CPACK_DEBIAN_CHAT_PACKAGE_SUGGESTS godwit-server)

# ---- rpm
set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_RELOCATABLE OFF)
set(CPACK_RPM_SPEC_MORE_DEFINE "%define _build_id_links none")
set(CPACK_RPM_PACKAGE_LICENSE GPL-3.0-or-later)
set(CPACK_RPM_SERVER_PACKAGE_NAME godwit-server)
set(CPACK_RPM_SERVER_PACKAGE_REQUIRES "systemd, ca-certificates")
set(CPACK_RPM_SERVER_PACKAGE_SUMMARY "Self-hosted real-time server")
set(CPACK_RPM_SERVER_POST_INSTALL_SCRIPT_FILE ${CMAKE_CURRENT_SOURCE_DIR}/rpm/post)
set(CPACK_RPM_SERVER_PRE_UNINSTALL_SCRIPT_FILE ${CMAKE_CURRENT_SOURCE_DIR}/rpm/preun)
set(CPACK_RPM_SERVER_POST_UNINSTALL_SCRIPT_FILE ${CMAKE_CURRENT_SOURCE_DIR}/rpm/postun)
set(CPACK_RPM_SERVER_USER_FILELIST "%config(noreplace) ${CMAKE_INSTALL_FULL_SYSCONFDIR}/godwit/godwit.toml")
set(CPACK_RPM_MONITOR_PACKAGE_NAME godwit-monitor)
set(CPACK_RPM_MONITOR_PACKAGE_SUMMARY "Live monitor of a Godwit server")
set(CPACK_RPM_CHAT_PACKAGE_NAME godwit-chat)
set(CPACK_RPM_CHAT_PACKAGE_SUMMARY "Chat window of a Godwit server")
# These belong to the system, not to us.
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION
    /etc /usr/lib/systemd /usr/lib/systemd/system /usr/lib/sysusers.d /usr/share/applications /usr/share/metainfo
    /usr/share/icons /usr/share/icons/hicolor /usr/share/icons/hicolor/scalable /usr/share/icons/hicolor/scalable/apps
    /usr/share/man /usr/share/man/man1 /usr/share/doc)

include(CPack)
