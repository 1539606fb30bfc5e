package probe

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Filesystem returns the kind of filesystem that a folder is on, as "ext4".
func Filesystem(dir string) (string, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return "", fmt.Errorf("filesystem of %s: %w", dir, err)
	}
	switch uint32(st.Type) {
	case unix.EXT4_SUPER_MAGIC: // which ext2 and ext3 have too
		return "ext4", nil
	case unix.XFS_SUPER_MAGIC:
		return "xfs", nil
	case unix.BTRFS_SUPER_MAGIC:
		return "btrfs", nil
	case unix.TMPFS_MAGIC:
		return "tmpfs, which has no disk", nil
	case unix.OVERLAYFS_SUPER_MAGIC:
		return "overlayfs", nil
	case unix.NFS_SUPER_MAGIC:
		return "nfs", nil
	case unix.F2FS_SUPER_MAGIC:
		return "f2fs", nil
	case unix.FUSE_SUPER_MAGIC:
		return "fuse", nil
	}
	return fmt.Sprintf("of type %#x", uint32(st.Type)), nil
}
